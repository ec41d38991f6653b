import type { Clock } from "../../ports/clock.ts";
import { type SpendRow, SpendSum } from "../spend-sum.ts";
import type { Database } from "./driver.ts";

const ADD_UP = `
  ON CONFLICT (run, grp, hour) DO UPDATE SET tokens = tokens + excluded.tokens, nano_usd = nano_usd + excluded.nano_usd`;
const ADD = `
  INSERT INTO spend (run, grp, hour, tokens, nano_usd) VALUES (@run, @group, @hour, @tokens, @nanoUsd) ${ADD_UP}`;
/** What a deleted run has used is of no use any more once it is older than that. */
const FOLD: readonly string[] = [
  `INSERT INTO spend (run, grp, hour, tokens, nano_usd)
  SELECT run, grp, 0, sum(tokens), sum(nano_usd) FROM spend WHERE hour BETWEEN 1 AND ? AND run > 0 GROUP BY run, grp
  ${ADD_UP}`,
  "DELETE FROM spend WHERE hour BETWEEN 1 AND ?",
];
/** Deleted runs are all one, numbered 0: what they have used still counts for its hour and day. */
const DISOWN: readonly string[] = [
  `INSERT INTO spend (run, grp, hour, tokens, nano_usd)
  SELECT 0, grp, hour, tokens, nano_usd FROM spend WHERE run = ? AND hour > 0 ${ADD_UP}`,
  "DELETE FROM spend WHERE run = ?",
];

/** What calls have used, by the hours of the wall clock. What one group of writes adds is written once, before its commit. */
export class Spending extends SpendSum {
  readonly #add;
  readonly #fold;
  readonly #disown;

  constructor(db: Database, clock: Clock) {
    super(clock);
    this.#add = db.prepare<[SpendRow]>(ADD);
    this.#fold = FOLD.map((sql) => db.prepare<[number]>(sql));
    this.#disown = DISOWN.map((sql) => db.prepare<[number]>(sql));
  }

  /** Part of the write that deletes the run. */
  disown(run: number): void {
    for (const statement of this.#disown) statement.run(run);
  }

  flush(): void {
    const added = this.take();
    if (added.length === 0) return;
    for (const row of added) this.#add.run(row);
    const to = this.foldTo();
    if (to !== null) for (const statement of this.#fold) statement.run(to);
  }
}
