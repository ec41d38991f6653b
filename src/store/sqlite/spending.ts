import type { Spend } from "../../domain/spend.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Database } from "./driver.ts";

const HOUR_MS = 3_600_000;
/** A day's budget looks back by less; the rest is for a clock that is set back. */
const KEPT_HOURS = 48;

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

type SpendRow = Spend & { run: number; group: string; hour: number };

/** What calls have used, by the hours of the wall clock. What one group of writes adds is written once, before its commit. */
export class Spending {
  readonly #clock: Clock;
  readonly #added = new Map<string, SpendRow>();
  readonly #add;
  readonly #fold;
  readonly #disown;
  /** The newest hour before which everything is folded. */
  #foldedTo = 0;

  constructor(db: Database, clock: Clock) {
    this.#clock = clock;
    this.#add = db.prepare<[SpendRow]>(ADD);
    this.#fold = FOLD.map((sql) => db.prepare<[number]>(sql));
    this.#disown = DISOWN.map((sql) => db.prepare<[number]>(sql));
  }

  /** Part of a write. */
  add(run: number, group: string | null, { tokens, nanoUsd }: Spend): void {
    const hour = hourOf(this.#clock.wall());
    const name = `${run} ${hour} ${group ?? ""}`;
    const row = this.#added.get(name) ?? { run, group: group ?? "", hour, tokens: 0, nanoUsd: 0 };
    row.tokens += tokens;
    row.nanoUsd += nanoUsd;
    this.#added.set(name, row);
  }

  /** Part of the write that deletes the run. */
  disown(run: number): void {
    for (const statement of this.#disown) statement.run(run);
  }

  flush(): void {
    if (this.#added.size === 0) return;
    for (const row of this.#added.values()) this.#add.run(row);
    this.#added.clear();
    this.#foldOld();
  }

  /** Forgets what a transaction added that was rolled back. */
  clear(): void {
    this.#added.clear();
  }

  /** Once an hour: a run of weeks has no more rows than one of two days. */
  #foldOld(): void {
    const to = hourOf(this.#clock.wall()) - KEPT_HOURS;
    if (to <= this.#foldedTo) return;
    this.#foldedTo = to;
    for (const statement of this.#fold) statement.run(to);
  }
}

/** Hours of the wall clock since 1970. */
export function hourOf(wallMs: number): number {
  return Math.floor(wallMs / HOUR_MS);
}
