import { keyRange } from "../keys.ts";
import type { Database } from "./driver.ts";
import type { Tallies } from "./tallies.ts";
import type { Twins } from "./twins.ts";

/** Each by the words of its partial index. */
const WAITING: readonly string[] = ["available_at = 0", "available_at > 0"];
const fail = (waiting: string): string => `
  UPDATE jobs SET state = 'failed', available_at = 0, error_code = @code, error_message = @message
  WHERE lane IN (SELECT id FROM lanes WHERE run = @run AND grp = @group) AND state = 'pending' AND ${waiting}`;

interface FailedGroup {
  run: number;
  group: string;
  code: string;
  message: string;
}

/** Ends what a group has not yet sent. */
export class OverBudget {
  readonly #tallies: Tallies;
  readonly #twins: Twins;
  readonly #fail;

  constructor(db: Database, tallies: Tallies, twins: Twins) {
    this.#tallies = tallies;
    this.#twins = twins;
    this.#fail = WAITING.map((waiting) => db.prepare<[FailedGroup]>(fail(waiting)));
  }

  /**
   * Part of a write.
   * @returns how many have failed by it, twins among them
   */
  fail(failed: FailedGroup): number {
    const { run, code } = failed;
    const count = this.#fail.reduce((sum, statement) => sum + statement.run(failed).changes, 0);
    if (count === 0) return 0;
    this.#tallies.add(run, "jobs.pending", -count);
    this.#tallies.add(run, "jobs.failed", count);
    this.#tallies.add(run, `failure.${code}`, count);
    return count + this.#twins.follow(keyRange(run));
  }
}
