import type { Database } from "./driver.ts";

const ADD = `
  INSERT INTO tallies (run, name, value) VALUES (?, ?, ?)
  ON CONFLICT (run, name) DO UPDATE SET value = value + excluded.value`;

/** Counters of a run. What one group of writes adds is gathered here and written once, before its commit. */
export class Tallies {
  readonly #byRun = new Map<number, Map<string, number>>();
  readonly #add;

  constructor(db: Database) {
    this.#add = db.prepare<[number, string, number]>(ADD);
  }

  add(run: number, name: string, by: number): void {
    if (by === 0) return;
    let ofRun = this.#byRun.get(run);
    if (ofRun === undefined) {
      ofRun = new Map();
      this.#byRun.set(run, ofRun);
    }
    ofRun.set(name, (ofRun.get(name) ?? 0) + by);
  }

  flush(): void {
    for (const [run, ofRun] of this.#byRun) {
      for (const [name, by] of ofRun) if (by !== 0) this.#add.run(run, name, by);
    }
    this.#byRun.clear();
  }

  /** Forgets what a transaction added that was rolled back. */
  clear(): void {
    this.#byRun.clear();
  }
}
