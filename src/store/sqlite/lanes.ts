import type { Queue } from "../../ports/store.ts";
import type { Database } from "./driver.ts";

const FIND = "SELECT id FROM lanes WHERE run = ? AND model IS ? AND stage = ? AND grp IS ?";
const INSERT = "INSERT INTO lanes (run, model, stage, grp) VALUES (?, ?, ?, ?)";
const MODELS = "SELECT model FROM lanes WHERE run = ? AND stage = 0 GROUP BY model ORDER BY min(id)";

/** A queue's jobs of one group; null stands for rows of none. */
export type LaneKey = Queue & { group: string | null };

/** Where jobs stand in line: each queue of a run has one lane for each group. */
export class Lanes {
  readonly #find;
  readonly #insert;
  readonly #models;

  constructor(db: Database) {
    this.#find = db.prepare<[number, string | null, number, string | null], number>(FIND).pluck();
    this.#insert = db.prepare<[number, string | null, number, string | null]>(INSERT);
    this.#models = db.prepare<[number], string | null>(MODELS).pluck();
  }

  /** Part of a write. */
  findOrCreate(run: number, { model, stage, group }: LaneKey): number {
    const found = this.#find.get(run, model, stage, group);
    return found ?? Number(this.#insert.run(run, model, stage, group).lastInsertRowid);
  }

  models(run: number): (string | null)[] {
    return this.#models.all(run);
  }
}
