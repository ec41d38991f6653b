import type { Run } from "../../domain/run.ts";
import type { ResultRow } from "../../ports/results.ts";
import { customIdOf, hasType, isHttpError, isMessage } from "./batch-line.ts";
import { onOneLine } from "./json-text.ts";
import { message } from "./message.ts";

/** Anthropic's names for what an HTTP status says. */
const ERROR_TYPES = {
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  408: "timeout_error",
  429: "rate_limit_error",
  504: "timeout_error",
  529: "overloaded_error",
} as const;

type ErrorType = (typeof ERROR_TYPES)[keyof typeof ERROR_TYPES] | "invalid_request_error" | "api_error";

/**
 * A result as a line of Anthropic's batch results, without its newline: the message, or the error reply, byte for byte.
 * A pending row is one that has expired to the reader of a batch.
 */
export function anthropicLine(row: ResultRow, run: Run): string {
  return `{"custom_id":${JSON.stringify(customIdOf(row))},"result":${result(row, run)}}`;
}

function result(row: ResultRow, run: Run): string {
  if (row.state === "succeeded") return `{"type":"succeeded","message":${messageJson(row, run)}}`;
  if (row.state === "failed") return `{"type":"errored","error":${errorJson(row)}}`;
  return row.state === "cancelled" ? '{"type":"canceled"}' : '{"type":"expired"}';
}

function messageJson(row: ResultRow, run: Run): string {
  return row.raw !== null && isMessage(row.raw) ? onOneLine(row.raw) : JSON.stringify(message(row, run));
}

function errorJson(row: ResultRow): string {
  if (row.raw !== null && isHttpError(row) && hasType(row.raw, "error")) return onOneLine(row.raw);
  return JSON.stringify(errorReply(row));
}

/** An error in the form of Anthropic's reply, for one that came in another or in none. */
export function errorReply(row: ResultRow) {
  return {
    type: "error" as const,
    error: { type: errorType(row), message: `${row.errorCode}: ${row.errorMessage}` },
    request_id: row.requestId,
  };
}

/** A row that was never sent, and whose answer came from no other, was no valid request. */
function errorType(row: ResultRow): ErrorType {
  if (row.attempts === 0 && row.answeredBy === null) return "invalid_request_error";
  if (row.errorCode === "timeout") return "timeout_error";
  if (!isHttpError(row)) return "api_error";
  const status = row.httpStatus!;
  if (Object.hasOwn(ERROR_TYPES, status)) return ERROR_TYPES[status as keyof typeof ERROR_TYPES];
  return status >= 400 && status < 500 ? "invalid_request_error" : "api_error";
}
