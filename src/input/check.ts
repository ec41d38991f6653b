import type { RequestSettings } from "../domain/request.ts";
import type { ImportRow } from "../ports/store.ts";
import { type BuildRequest, compileRequest } from "../request/compile-request.ts";
import { parseRow } from "../request/parse-row.ts";
import { RowError } from "../request/row-error.ts";
import type { InputRecord } from "./records.ts";
import { rowId } from "./row-id.ts";

/** Makes a row for the job table of a record. A bad one has `error` set, and its `row` is valid JSON all the same. */
export type CheckRecord = (record: InputRecord) => ImportRow;

/**
 * Makes ready to check records: each must be an object with a fit id, and its request must build.
 *
 * @param maxRequestTokens the largest estimate of input and output together; null for no limit
 * @throws LlmBatchError BAD_TEMPLATE, BAD_PARAM.
 */
export function compileCheck(settings: RequestSettings, maxRequestTokens: number | null): CheckRecord {
  const build = compileRequest(settings);
  return ({ line, text, error }) => {
    const row: ImportRow = { key: null, line, row: text, model: null, error };
    if (error !== null) return row;
    try {
      checkInto(row, build, settings.idField, maxRequestTokens);
    } catch (error) {
      if (!(error instanceof RowError)) throw error;
      row.error = { code: error.code, message: error.message };
      if (error.code === "BAD_JSON") row.row = JSON.stringify(text.trim());
    }
    return row;
  };
}

/** What was found out before an error stays: a bad row keeps its id. */
function checkInto(
  row: ImportRow,
  build: BuildRequest,
  idField: string | null,
  maxTokens: number | null,
): void {
  const parsed = parseRow(row.row);
  row.row = parsed.text;
  row.key = rowId(parsed, idField);
  const { charge, rowModel } = build(parsed, null);
  row.model = rowModel;
  const tokens = charge.inputTokens + charge.outputTokens;
  if (maxTokens !== null && tokens > maxTokens) {
    throw new RowError("ROW_TOO_LARGE", `about ${tokens} tokens, above --max-request-tokens ${maxTokens}`);
  }
}
