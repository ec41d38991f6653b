import { LlmBatchError } from "../../src/domain/errors.ts";
import type { InputFormat } from "../../src/domain/run.ts";
import { compileCheck } from "../../src/input/check.ts";
import { readCsv } from "../../src/input/csv.ts";
import { jsonLines } from "../../src/input/json-lines.ts";
import { readJsonl } from "../../src/input/jsonl.ts";
import { UnsentFields } from "../../src/input/unsent-fields.ts";
import type { ImportRow } from "../../src/ports/import.ts";
import { requestSettings } from "../helpers/request-settings.ts";

/** What became of a file: its rows, or the error it was refused with. */
export type Read =
  | { rows: ImportRow[]; columns: readonly string[] | null; error: null }
  | { error: LlmBatchError };

/** Reads and checks the rows of a stream, as an import does. */
export async function readRows(format: InputFormat, chunks: AsyncIterable<Buffer>): Promise<Read> {
  const path = `in.${format}`;
  const unsent = new UnsentFields(requestSettings(), null);
  const options = { maxRequestTokens: null, budgetBy: null, hash: false, unsent };
  const file = compileCheck(requestSettings(), options)(path);
  const rows: ImportRow[] = [];
  let columns: readonly string[] | null = null;
  const onColumns = (names: readonly string[]): void => {
    columns = names;
  };
  const delimiter = format === "csv" ? "," : "\t";
  const lines = format === "json" ? jsonLines(chunks) : chunks;
  const isJson = format === "json" || format === "jsonl";
  const batches = isJson ? readJsonl(lines) : readCsv(chunks, { path, delimiter, onColumns });
  try {
    for await (const records of batches) rows.push(...records.map((record) => file.check(record)));
    return { rows, columns, error: null };
  } catch (error) {
    if (!(error instanceof LlmBatchError)) throw error;
    return { error };
  }
}

/** Two reads in a form that can be compared: an error by what the user sees of it. */
export function comparable(read: Read): unknown {
  return read.error ? [read.error.code, read.error.message, read.error.hint] : [read.rows, read.columns];
}
