import { TallySum } from "../tally-sum.ts";
import type { Database } from "./driver.ts";

const ADD = `
  INSERT INTO tallies (run, name, value) VALUES (?, ?, ?)
  ON CONFLICT (run, name) DO UPDATE SET value = value + excluded.value`;
const FORGET_MINUTES = "DELETE FROM tallies WHERE run = ? AND name >= 'minute.' AND name < 'minute.' || ?";

/** Counters of a run. What one group of writes adds is gathered here and written once, before its commit. */
export class Tallies extends TallySum {
  readonly #add;
  readonly #forgetMinutes;

  constructor(db: Database) {
    super();
    this.#add = db.prepare<[number, string, number]>(ADD);
    this.#forgetMinutes = db.prepare<[number, number]>(FORGET_MINUTES);
  }

  /** Part of a write. */
  forgetMinutes(run: number, before: number): void {
    this.#forgetMinutes.run(run, before);
  }

  flush(): void {
    for (const { run, name, by } of this.take()) this.#add.run(run, name, by);
  }
}
