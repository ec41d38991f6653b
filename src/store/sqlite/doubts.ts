import type { InDoubt } from "../../domain/spend.ts";
import { type DoubtfulClaim, doubtsOf, type GroupDoubt, ofAllGroups } from "../doubtful.ts";
import type { Database } from "./driver.ts";

const INSERT = `
  INSERT INTO doubts (run, grp, model, hour, calls, input_tokens, output_tokens)
  VALUES (@run, @group, @model, @hour, @calls, @inputTokens, @outputTokens)`;

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
  readonly #insert;

  constructor(db: Database) {
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
}
