import type { KeyRange } from "../keys.ts";
import type { TallySum } from "../tally-sum.ts";
import type { RunChanges } from "./run-changes.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";
import type { Twins } from "./twins.ts";

const RETRIABLE = `
  state = 'failed' AND lane IS NOT NULL AND id BETWEEN @first AND @last
  AND (@code::text IS NULL OR error_code = @code)`;
const COUNT_RETRIABLE = statement<RetryFilter, { code: string; count: number }>(`
  SELECT error_code AS code, count(*) AS count FROM {jobs} WHERE ${RETRIABLE} GROUP BY error_code`);
const FREE_ATTEMPTS = statement<RetryFilter>(`
  UPDATE {attempts} SET counted = 0 WHERE job IN (SELECT id FROM {jobs} WHERE ${RETRIABLE})`);
/** Back to the first stage of the fallback chain, too. */
const RETRY = statement<RetryFilter>(`
  UPDATE {jobs} SET lane = (
      SELECT first.id FROM {lanes} AS last JOIN {lanes} AS first ON first.run = last.run
        AND first.model IS NOT DISTINCT FROM last.model AND first.grp IS NOT DISTINCT FROM last.grp
      WHERE last.id = jobs.lane AND first.stage = 0),
    state = 'pending', available_at = 0, failures = 0, forgiven = 0, crashes = 0, invalid = 0,
    asks = asks + 1, error_code = NULL, error_message = NULL
  WHERE ${RETRIABLE}`);

type RetryFilter = KeyRange & { code: string | null };

interface RetriesParts {
  tallies: TallySum;
  changes: RunChanges;
  twins: Twins;
}

/** Puts failed jobs back. */
export class Retries {
  readonly #parts: RetriesParts;

  constructor(parts: RetriesParts) {
    this.#parts = parts;
  }

  /**
   * Makes failed jobs of a run pending again, all or those of one row; part of a write. A twin's leader is sent again, and its
   * other twins follow it. Rows that are no valid requests stay as they are.
   * @returns how many are pending again, twins among them
   */
  async retry(session: Session, run: number, jobs: KeyRange, code: string | null): Promise<number> {
    const { tallies, changes, twins } = this.#parts;
    await changes.lock(session, run);
    const leaders = await twins.leadersOf(session, jobs);
    const filter = { ...leaders, code };
    let retried = 0;
    for (const failure of await session.all(COUNT_RETRIABLE, filter)) {
      tallies.add(run, `failure.${failure.code}`, -failure.count);
      retried += failure.count;
    }
    if (retried === 0) return 0;
    await session.run(FREE_ATTEMPTS, filter);
    await session.run(RETRY, filter);
    tallies.add(run, "jobs.failed", -retried);
    tallies.add(run, "jobs.pending", retried);
    await changes.reopen(session, run);
    return retried + (await twins.follow(session, leaders));
  }
}
