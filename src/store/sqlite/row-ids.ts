import type { RowName } from "../../ports/results.ts";
import { jobsOf, type KeyRange, keyOf, ordinalOfDefaultId, runOf } from "../keys.ts";
import type { Database } from "./driver.ts";

const ROW = "SELECT inputs.id AS input, runs.samples FROM inputs CROSS JOIN runs ON runs.number = inputs.run";
const BY_KEY = `${ROW} WHERE inputs.run = ? AND inputs.key = ?`;
const BY_ORDINAL = `${ROW} WHERE inputs.id = ? AND inputs.key IS NULL`;

interface FoundRow {
  input: number;
  samples: number;
}

/** Finds jobs by the ids that users know their rows by. */
export class RowIds {
  readonly #byKey;
  readonly #byOrdinal;

  constructor(db: Database) {
    this.#byKey = db.prepare<[number, string], FoundRow>(BY_KEY);
    this.#byOrdinal = db.prepare<[number], FoundRow>(BY_ORDINAL);
  }

  /**
   * The jobs of a row, one for each sample, or that of one sample: `q-1#2` is the second answer to `q-1`, unless a row has
   * that very id. A number stands for the one job that has it. Null where there is none.
   */
  jobs(run: number, id: RowName): KeyRange | null {
    if (typeof id === "number") return runOf(id) === run ? { first: id, last: id } : null;
    const row = this.#row(run, id);
    if (row !== null) return jobsOf({ first: row.input, last: row.input }, row.samples);
    const [, rowId, digits] = /^(.*)#([1-9]\d*)$/s.exec(id) ?? [];
    const sample = Number(digits);
    const sampled = rowId === undefined ? null : this.#row(run, rowId);
    if (sampled === null || sampled.samples === 1 || sample > sampled.samples) return null;
    const { first } = jobsOf({ first: sampled.input, last: sampled.input }, sampled.samples);
    return { first: first + sample - 1, last: first + sample - 1 };
  }

  #row(run: number, id: string): FoundRow | null {
    const ordinal = ordinalOfDefaultId(id);
    const byOrdinal = ordinal === null ? undefined : this.#byOrdinal.get(keyOf(run, ordinal));
    return this.#byKey.get(run, id) ?? byOrdinal ?? null;
  }
}
