import { keyRange } from "../keys.ts";
import type { TallySum } from "../tally-sum.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";
import type { Twins } from "./twins.ts";

const FAIL = statement<FailedGroup>(`
  UPDATE {jobs} SET state = 'failed', available_at = 0, error_code = @code, error_message = @message
  WHERE lane IN (SELECT id FROM {lanes} WHERE run = @run AND grp = @group) AND state = 'pending'`);

interface FailedGroup {
  run: number;
  group: string;
  code: string;
  message: string;
}

/** Ends what a group has not yet sent. */
export class OverBudget {
  readonly #tallies: TallySum;
  readonly #twins: Twins;

  constructor(tallies: TallySum, twins: Twins) {
    this.#tallies = tallies;
    this.#twins = twins;
  }

  /**
   * Part of a write.
   * @returns how many have failed by it, twins among them
   */
  async fail(session: Session, failed: FailedGroup): Promise<number> {
    const { run, code } = failed;
    const count = await session.run(FAIL, failed);
    if (count === 0) return 0;
    this.#tallies.add(run, "jobs.pending", -count);
    this.#tallies.add(run, "jobs.failed", count);
    this.#tallies.add(run, `failure.${code}`, count);
    return count + (await this.#twins.follow(session, keyRange(run)));
  }
}
