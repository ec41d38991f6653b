import { isObject, Row } from "../domain/row.ts";
import type { Source } from "../domain/run.ts";
import type { ResultRow } from "../ports/store.ts";

/** The input's part of a CSV: its columns as they came, or, where an input had none, the fields of its rows. */
export class InputColumns {
  readonly names: readonly string[];
  readonly #sources: readonly Source[];

  constructor(sources: readonly Source[], names: readonly string[]) {
    this.#sources = sources;
    this.names = names;
  }

  /** The values in the order of `names`; empty where the row has no such field. */
  cells(result: ResultRow): string[] {
    const value: unknown = JSON.parse(result.row);
    if (Array.isArray(value)) return this.#cellsByPlace(result.source, value);
    const row = new Row(result.row, isObject(value) ? value : {});
    return this.names.map((name) => cell(row, name) ?? (name === "id" ? result.key : ""));
  }

  /** A record that didn't fit its header was kept as an array; what fits stands under the header's names. */
  #cellsByPlace(source: number, values: readonly unknown[]): string[] {
    const columns = this.#sources[source]?.columns ?? [];
    return this.names.map((name) => String(values[columns.indexOf(name)] ?? ""));
  }
}

function cell(row: Row, name: string): string | undefined {
  return row.value(name) === null ? "" : row.display(name);
}

/**
 * Settles the columns of a run. Where every input was CSV they are known; else all rows are read for the names of
 * their fields, and `id` is the first.
 */
export async function findInputColumns(
  sources: readonly Source[],
  pages: AsyncIterable<readonly ResultRow[]>,
): Promise<InputColumns> {
  const known = sources.flatMap(({ columns }) => columns ?? []);
  const names = new Set(known);
  if (sources.every(({ columns }) => columns !== null)) return new InputColumns(sources, [...names]);
  const found = new Set(["id", ...known]);
  for await (const rows of pages) {
    for (const { row } of rows) {
      const value: unknown = JSON.parse(row);
      if (isObject(value)) for (const name of Object.keys(value)) found.add(name);
    }
  }
  return new InputColumns(sources, [...found]);
}
