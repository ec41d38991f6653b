import type { KeyRange } from "../keys.ts";
import type { Database } from "./driver.ts";
import type { RunChanges } from "./run-changes.ts";
import type { Tallies } from "./tallies.ts";
import type { Twins } from "./twins.ts";

const RETRIABLE = `
  state = 'failed' AND lane IS NOT NULL AND id BETWEEN @first AND @last
  AND (@code IS NULL OR error_code = @code)`;
const COUNT_RETRIABLE = `
  SELECT error_code AS code, count(*) AS count FROM jobs WHERE ${RETRIABLE} GROUP BY error_code`;
const FREE_ATTEMPTS = `
  UPDATE attempts SET counted = 0 WHERE job IN (SELECT id FROM jobs WHERE ${RETRIABLE})`;
/** Back to the first stage of the fallback chain, too. */
const RETRY = `
  UPDATE jobs SET lane = (
      SELECT first.id FROM lanes AS last JOIN lanes AS first ON first.run = last.run AND first.model IS last.model
        AND first.grp IS last.grp
      WHERE last.id = jobs.lane AND first.stage = 0),
    state = 'pending', available_at = 0, failures = 0, forgiven = 0, crashes = 0, invalid = 0,
    asks = asks + 1, error_code = NULL, error_message = NULL
  WHERE ${RETRIABLE}`;

type RetryFilter = KeyRange & { code: string | null };

/** Puts failed jobs back. */
export class Retries {
  readonly #tallies: Tallies;
  readonly #runs: RunChanges;
  readonly #twins: Twins;
  readonly #countRetriable;
  readonly #freeAttempts;
  readonly #retry;

  constructor(db: Database, tallies: Tallies, runs: RunChanges, twins: Twins) {
    this.#tallies = tallies;
    this.#runs = runs;
    this.#twins = twins;
    this.#countRetriable = db.prepare<[RetryFilter], { code: string; count: number }>(COUNT_RETRIABLE);
    this.#freeAttempts = db.prepare<[RetryFilter]>(FREE_ATTEMPTS);
    this.#retry = db.prepare<[RetryFilter]>(RETRY);
  }

  /**
   * Makes failed jobs of a run pending again, all or those of one row; part of a write. A twin's leader is sent again, and its
   * other twins follow it. Rows that are no valid requests stay as they are.
   * @returns how many are pending again, twins among them
   */
  retry(run: number, jobs: KeyRange, code: string | null): number {
    const leaders = this.#twins.leadersOf(jobs);
    const filter = { ...leaders, code };
    let retried = 0;
    for (const failure of this.#countRetriable.all(filter)) {
      this.#tallies.add(run, `failure.${failure.code}`, -failure.count);
      retried += failure.count;
    }
    if (retried === 0) return 0;
    this.#freeAttempts.run(filter);
    this.#retry.run(filter);
    this.#tallies.add(run, "jobs.failed", -retried);
    this.#tallies.add(run, "jobs.pending", retried);
    this.#runs.reopen(run);
    return retried + this.#twins.follow(leaders);
  }
}
