import type { Row } from "../domain/row.ts";

/** Names that are data themselves may be as many as the rows. */
const MOST_NAMES = 1_000;

/** Gathers the names of all fields of rows, in the order in which they come up. */
export class FieldNames {
  readonly #names = new Set<string>();

  add(row: Row): void {
    if (this.#names.size <= MOST_NAMES) for (const name of row.names()) this.#names.add(name);
  }

  /** Null where there were too many. */
  get(): readonly string[] | null {
    return this.#names.size <= MOST_NAMES ? [...this.#names] : null;
  }
}
