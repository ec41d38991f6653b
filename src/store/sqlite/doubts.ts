import type { ClaimedJob } from "../../domain/job.ts";
import type { InDoubt } from "../../domain/spend.ts";
import type { AttemptTally } from "../attempt-tally.ts";
import { IN_DOUBT } from "../blame.ts";
import { type DoubtfulClaim, doubtsOf, type GroupDoubt, ofAllGroups } from "../doubtful.ts";
import { runOf } from "../keys.ts";
import type { Database } from "./driver.ts";

const INSERT = `
  INSERT INTO doubts (run, grp, model, hour, calls, input_tokens, output_tokens)
  VALUES (@run, @group, @model, @hour, @calls, @inputTokens, @outputTokens)`;

/** By job and attempt alone: its process may be on record as another owner by now. */
const FORGET = `DELETE FROM attempts WHERE job = ? AND attempt = ? AND kind = '${IN_DOUBT.kind}'`;
/**
 * Takes one call out. What is left is still the most that the others can have used: the sum had this call's own estimate in it, or
 * a larger one.
 */
const REDUCE = `
  UPDATE doubts SET calls = calls - 1,
    input_tokens = CASE WHEN calls = 1 THEN 0 ELSE max(doubts.input_tokens - coalesce(own.input_tokens, 0), 0) END,
    output_tokens = CASE WHEN calls = 1 THEN 0 ELSE max(doubts.output_tokens - coalesce(own.output_tokens, 0), 0) END
  FROM (SELECT inputs.input_tokens, inputs.output_tokens FROM jobs JOIN inputs ON inputs.id = jobs.input
    WHERE jobs.id = @job) AS own
  WHERE doubts.id = (SELECT max(id) FROM doubts WHERE run = @run AND calls > 0 AND model IS @model AND grp IS @group)`;

interface Resolved {
  job: number;
  run: number;
  model: string | null;
  group: string | null;
}

interface DeadProcess {
  run: number;
  /** Hours since 1970. */
  hour: number;
  claims: readonly DoubtfulClaim[];
  /** How many of the claims can have been sent at most. */
  calls: number;
}

/** What calls of dead processes may have used. */
export class Doubts {
  readonly #tally: AttemptTally;
  readonly #insert;
  readonly #forget;
  readonly #reduce;

  constructor(db: Database, tally: AttemptTally) {
    this.#tally = tally;
    this.#forget = db.prepare<[number, number]>(FORGET);
    this.#reduce = db.prepare<[Resolved]>(REDUCE);
    this.#insert = db.prepare<[GroupDoubt & { run: number; hour: number }]>(INSERT);
  }

  /**
   * Part of the write that takes the claims back.
   * @returns what was noted of all groups together
   */
  note({ run, hour, claims, calls }: DeadProcess): InDoubt[] {
    const doubts = doubtsOf(claims, calls);
    for (const doubt of doubts) this.#insert.run({ run, hour, ...doubt });
    return ofAllGroups(doubts);
  }

  /**
   * Part of the write that records how an attempt ended after all.
   * @returns whether it was in doubt
   */
  resolve({ id, attempt, model, group }: ClaimedJob): boolean {
    if (this.#forget.run(id, attempt).changes === 0) return false;
    const run = runOf(id);
    this.#tally.countNoDoubt(run, 1);
    this.#reduce.run({ job: id, run, model, group: null });
    if (group !== null) this.#reduce.run({ job: id, run, model, group });
    return true;
  }
}
