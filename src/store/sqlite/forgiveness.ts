import { FORGIVEN_AT_MOST } from "../blame.ts";
import { runOf } from "../keys.ts";
import type { Database } from "./driver.ts";
import type { RunChanges } from "./run-changes.ts";
import type { Tallies } from "./tallies.ts";
import type { Twins } from "./twins.ts";

const FREE_ATTEMPT = `
  UPDATE attempts SET counted = 0
  WHERE job = @job AND attempt = @attempt AND counted = 1
    AND EXISTS (SELECT 1 FROM jobs WHERE id = @job AND forgiven < ${FORGIVEN_AT_MOST})`;
const FORGIVE =
  "UPDATE jobs SET failures = failures - 1, forgiven = forgiven + 1 WHERE id = ? AND failures > 0";
const REVIVE = `
  UPDATE jobs SET state = 'pending', available_at = 0
  WHERE id = @job AND attempt = @attempt AND state = 'failed'
    AND EXISTS (SELECT 1 FROM runs WHERE number = @run AND state <> 'cancelled')
  RETURNING error_code`;

interface Failure {
  job: number;
  attempt: number;
}

/** Gives back failures that were part of an outage. */
export class Forgiveness {
  readonly #tallies: Tallies;
  readonly #runs: RunChanges;
  readonly #twins: Twins;
  readonly #freeAttempt;
  readonly #forgive;
  readonly #revive;

  constructor(db: Database, tallies: Tallies, runs: RunChanges, twins: Twins) {
    this.#tallies = tallies;
    this.#runs = runs;
    this.#twins = twins;
    this.#freeAttempt = db.prepare<[Failure]>(FREE_ATTEMPT);
    this.#forgive = db.prepare<[number]>(FORGIVE);
    this.#revive = db.prepare<[Failure & { run: number }], string>(REVIVE).pluck();
  }

  /**
   * Part of a write. Each attempt is forgiven once.
   * @returns how many jobs were failed and are pending again, their twins not counted
   */
  forgive(failures: readonly Failure[]): number {
    let revived = 0;
    for (const { job, attempt } of failures) {
      if (this.#freeAttempt.run({ job, attempt }).changes === 0) continue;
      this.#forgive.run(job);
      const code = this.#revive.get({ job, attempt, run: runOf(job) });
      if (code === undefined) continue;
      this.#countRevived(runOf(job), code);
      this.#twins.followOne(job);
      revived += 1;
    }
    return revived;
  }

  #countRevived(run: number, code: string): void {
    this.#tallies.add(run, "jobs.failed", -1);
    this.#tallies.add(run, "jobs.pending", 1);
    this.#tallies.add(run, `failure.${code}`, -1);
    this.#runs.reopen(run);
  }
}
