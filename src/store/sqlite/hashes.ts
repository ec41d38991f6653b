import type { UnhashedRow } from "../../ports/store.ts";
import { jobSql, type KeyRange, keyRange } from "../keys.ts";
import type { Database } from "./driver.ts";

const UNHASHED = `
  SELECT inputs.id, inputs.row FROM inputs CROSS JOIN runs ON runs.number = inputs.run
  WHERE inputs.id BETWEEN @first AND @last AND inputs.request_hash IS NULL AND EXISTS (
    SELECT 1 FROM results WHERE results.job BETWEEN ${jobSql("inputs.id", "runs.samples", "1")}
      AND ${jobSql("inputs.id", "runs.samples", "runs.samples")})
  ORDER BY inputs.id LIMIT @limit`;
const SET_HASH = "UPDATE inputs SET request_hash = ? WHERE id = ?";

/** The hashes by which runs find each other's answers. */
export class Hashes {
  readonly #unhashed;
  readonly #setHash;

  constructor(db: Database) {
    this.#unhashed = db.prepare<[KeyRange & { limit: number }], UnhashedRow>(UNHASHED);
    this.#setHash = db.prepare<[Buffer, number]>(SET_HASH);
  }

  /** Rows that have an answer and no hash, after the row with that key. */
  unhashed(run: number, after: number, limit: number): UnhashedRow[] {
    const { first, last } = keyRange(run);
    return this.#unhashed.all({ first: Math.max(first, after + 1), last, limit });
  }

  /** Part of a write. */
  set(hashes: readonly { id: number; hash: Buffer }[]): void {
    for (const { id, hash } of hashes) this.#setHash.run(hash, id);
  }
}
