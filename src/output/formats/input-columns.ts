import { memberTexts } from "../../domain/raw-json.ts";
import { isObject } from "../../domain/row.ts";
import type { Source } from "../../domain/run.ts";
import type { TableRow } from "../../ports/result-texts.ts";

/** The input's part of a CSV: its columns as they came, or, where an input had none, the fields of its rows. */
export class InputColumns {
  readonly names: readonly string[];
  readonly #sources: readonly Source[];

  constructor(sources: readonly Source[], names: readonly string[]) {
    this.#sources = sources;
    this.names = names;
  }

  /** The same but for some of the names. */
  without(others: readonly string[]): InputColumns {
    return new InputColumns(
      this.#sources,
      this.names.filter((name) => !others.includes(name)),
    );
  }

  /** The values in the order of `names`; empty where the row has no such field. */
  cells({ source, key, row, rowText }: TableRow): string[] {
    if (Array.isArray(row)) return this.#cellsByPlace(source, row);
    const fields = isObject(row) ? row : {};
    let texts: Map<string, string> | null = null;
    return this.names.map((name) => {
      if (!Object.hasOwn(fields, name)) return name === "id" ? key : "";
      const value = fields[name];
      if (typeof value === "string") return value;
      if (value === null) return "";
      texts ??= memberTexts(rowText!);
      return texts.get(name)!;
    });
  }

  /** A record that didn't fit its header was kept as an array; what fits stands under the header's names. */
  #cellsByPlace(source: number, values: readonly unknown[]): string[] {
    const columns = this.#sources[source]?.columns ?? [];
    return this.names.map((name) => String(values[columns.indexOf(name)] ?? ""));
  }
}

/** Whether a row has fields that stand in cells as their JSON text. */
export function needsText({ row }: TableRow): boolean {
  if (!isObject(row)) return false;
  for (const name in row) if (typeof row[name] !== "string" && row[name] !== null) return true;
  return false;
}

/**
 * Settles the columns of a run. Where every input was CSV they are known; else `id` is the first, and then every field that
 * any row has. All rows are read for their names where the import didn't note them, and where only some rows are written.
 */
export async function findInputColumns(
  sources: readonly Source[],
  pages: AsyncIterable<readonly TableRow[]>,
  isWhole: boolean,
): Promise<InputColumns> {
  const known = sources.flatMap(({ columns }) => columns ?? []);
  if (sources.every(({ columns }) => columns !== null)) return new InputColumns(sources, [...new Set(known)]);
  const areNoted = sources.every(({ columns, fields }) => columns ?? fields);
  const fields =
    isWhole && areNoted ? sources.flatMap((source) => source.fields ?? []) : await fieldsIn(pages);
  return new InputColumns(sources, [...new Set(["id", ...known, ...fields])]);
}

async function fieldsIn(pages: AsyncIterable<readonly TableRow[]>): Promise<Iterable<string>> {
  const found = new Set<string>();
  for await (const rows of pages)
    for (const { row } of rows) if (isObject(row)) for (const name of Object.keys(row)) found.add(name);
  return found;
}
