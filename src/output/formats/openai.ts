import type { Run } from "../../domain/run.ts";
import type { ResultRow } from "../../ports/results.ts";
import { customIdOf, isHttpError, isMessage } from "./batch-line.ts";
import { chatCompletion } from "./chat-completion.ts";
import { isJson, onOneLine } from "./json-text.ts";

interface LineError {
  code: string;
  message: string;
}

/**
 * A result as a line of OpenAI's batch output, without its newline: what the provider replied, HTTP errors included, in
 * `response`, its body byte for byte; anything else in `error`.
 */
export function openaiLine(row: ResultRow, run: Run): string {
  const body = responseBody(row, run);
  const response =
    body === null
      ? "null"
      : `{"status_code":${row.httpStatus ?? 200},"request_id":${JSON.stringify(row.requestId)},"body":${body}}`;
  const error = body === null ? JSON.stringify(errorOf(row)) : "null";
  return (
    `{"id":"batch_req_${run.id.slice(2)}_${row.id}","custom_id":${JSON.stringify(customIdOf(row))}` +
    `,"response":${response},"error":${error}}`
  );
}

/** JSON text; null for a row that has no reply to show. */
function responseBody(row: ResultRow, run: Run): string | null {
  if (row.state === "succeeded") {
    if (row.raw === null || isMessage(row.raw)) return JSON.stringify(chatCompletion(row, run));
    return onOneLine(row.raw);
  }
  if (row.state !== "failed" || !isHttpError(row)) return null;
  return row.raw !== null && isJson(row.raw) ? onOneLine(row.raw) : JSON.stringify(errorBody(row));
}

function errorBody({ errorCode, errorMessage }: ResultRow) {
  return { error: { message: errorMessage, type: null, param: null, code: errorCode } };
}

/** With OpenAI's own codes where it has one for what happened. */
function errorOf({ state, errorCode, errorMessage }: ResultRow): LineError {
  if (state === "cancelled")
    return { code: "batch_cancelled", message: "the run was cancelled before this row" };
  if (state !== "failed")
    return { code: "batch_expired", message: "the run is unfinished, and this row is pending" };
  const code = errorCode === "timeout" ? "request_timeout" : (errorCode ?? "");
  return { code, message: errorMessage ?? "" };
}
