import type { Database } from "./driver.ts";

const FIND = "SELECT id FROM lanes WHERE run = ? AND model IS ?";
const INSERT = "INSERT INTO lanes (run, model) VALUES (?, ?)";
const MODELS = "SELECT model FROM lanes WHERE run = ? ORDER BY id";

/** The models that rows of a run name themselves, each with its jobs; null stands for the run's own. */
export class Lanes {
  readonly #find;
  readonly #insert;
  readonly #models;

  constructor(db: Database) {
    this.#find = db.prepare<[number, string | null], number>(FIND).pluck();
    this.#insert = db.prepare<[number, string | null]>(INSERT);
    this.#models = db.prepare<[number], string | null>(MODELS).pluck();
  }

  find(run: number, model: string | null): number | null {
    return this.#find.get(run, model) ?? null;
  }

  /** Part of a write. */
  findOrCreate(run: number, model: string | null): number {
    return this.find(run, model) ?? Number(this.#insert.run(run, model).lastInsertRowid);
  }

  models(run: number): (string | null)[] {
    return this.#models.all(run);
  }
}
