import type { ResultRow } from "../ports/store.ts";
import { statusOf } from "./status.ts";

/**
 * A result as a JSON line, without its newline. The row, the output and the response are JSON text already and are
 * put in as they are, so nothing is rounded or reordered.
 */
export function jsonLine(row: ResultRow, includeRaw: boolean): string {
  const raw = includeRaw ? `,"raw":${rawJson(row.raw)}` : "";
  return (
    `{"id":${JSON.stringify(row.key)},"status":"${statusOf(row.state)}","output":${row.output}` +
    `,"error":${errorJson(row)},"model":${JSON.stringify(row.model)}` +
    `,"finish_reason":${JSON.stringify(row.finishReason)},"usage":${usageJson(row)},"cost_usd":${row.costUsd}` +
    `,"attempts":${row.attempts},"latency_ms":${row.latencyMs},"input":${row.row}${raw}}`
  );
}

function errorJson({ errorCode, errorMessage, httpStatus }: ResultRow): string {
  if (errorCode === null) return "null";
  const [code, message] = [JSON.stringify(errorCode), JSON.stringify(errorMessage)];
  return `{"code":${code},"message":${message},"http_status":${httpStatus}}`;
}

function usageJson({ inputTokens, cachedInputTokens, outputTokens }: ResultRow): string {
  if (inputTokens === null) return "null";
  return (
    `{"input_tokens":${inputTokens},"cached_input_tokens":${cachedInputTokens}` +
    `,"output_tokens":${outputTokens}}`
  );
}

/** A response that is JSON stands as JSON, on one line: a line break in JSON is always white space. */
function rawJson(raw: string | null): string {
  if (raw === null) return "null";
  return isJson(raw) ? raw.replaceAll(/[\r\n]+/g, " ") : JSON.stringify(raw);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
