import { FORGIVEN_AT_MOST } from "../blame.ts";
import { runOf } from "../keys.ts";
import type { TallySum } from "../tally-sum.ts";
import type { RunChanges } from "./run-changes.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";
import type { Twins } from "./twins.ts";

const FREE_ATTEMPT = statement<Failure>(`
  UPDATE {attempts} SET counted = 0
  WHERE job = @job AND attempt = @attempt AND counted = 1
    AND EXISTS (SELECT 1 FROM {jobs} WHERE id = @job AND forgiven < ${FORGIVEN_AT_MOST})`);
const FORGIVE = statement<{ job: number }>(
  "UPDATE {jobs} SET failures = failures - 1, forgiven = forgiven + 1 WHERE id = @job AND failures > 0",
);
const REVIVE = statement<Failure & { run: number }, { code: string }>(`
  UPDATE {jobs} SET state = 'pending', available_at = 0
  WHERE id = @job AND attempt = @attempt AND state = 'failed'
    AND EXISTS (SELECT 1 FROM {runs} WHERE number = @run AND state <> 'cancelled')
  RETURNING error_code AS code`);

interface Failure {
  job: number;
  attempt: number;
}

interface ForgivenessParts {
  tallies: TallySum;
  changes: RunChanges;
  twins: Twins;
}

/** Gives back failures that were part of an outage. */
export class Forgiveness {
  readonly #parts: ForgivenessParts;

  constructor(parts: ForgivenessParts) {
    this.#parts = parts;
  }

  /**
   * Part of a write. Each attempt is forgiven once.
   * @returns how many jobs were failed and are pending again, their twins not counted
   */
  async forgive(session: Session, failures: readonly Failure[]): Promise<number> {
    const { changes, twins } = this.#parts;
    for (const run of new Set(failures.map(({ job }) => runOf(job)))) await changes.lock(session, run);
    let revived = 0;
    for (const { job, attempt } of failures) {
      if ((await session.run(FREE_ATTEMPT, { job, attempt })) === 0) continue;
      await session.run(FORGIVE, { job });
      const row = await session.first(REVIVE, { job, attempt, run: runOf(job) });
      if (row === undefined) continue;
      await this.#countRevived(session, runOf(job), row.code);
      await twins.followEach(session, [job]);
      revived += 1;
    }
    return revived;
  }

  async #countRevived(session: Session, run: number, code: string): Promise<void> {
    const { tallies, changes } = this.#parts;
    tallies.add(run, "jobs.failed", -1);
    tallies.add(run, "jobs.pending", 1);
    tallies.add(run, `failure.${code}`, -1);
    await changes.reopen(session, run);
  }
}
