import type { ResultRow } from "../../ports/results.ts";
import { replyJson } from "./reply-json.ts";
import { statusOf } from "./status.ts";

interface LineOptions {
  /** Says which of the row's answers it is. */
  withSample: boolean;
  /** Adds the provider's whole response. */
  includeRaw: boolean;
}

/**
 * A result as a JSON line, without its newline. The row, the output and the response are JSON text already and are
 * put in as they are, so nothing is rounded or reordered.
 */
export function jsonLine(row: ResultRow, { withSample, includeRaw }: LineOptions): string {
  const sample = withSample ? `,"sample":${row.sample}` : "";
  const answeredBy = row.answeredBy === null ? "" : `,"answered_by":${answeredByJson(row, withSample)}`;
  const raw = includeRaw ? `,"raw":${replyJson(row.raw)}` : "";
  return (
    `{"id":${JSON.stringify(row.key)}${sample},"status":"${statusOf(row.state)}","output":${row.output}` +
    `,"error":${errorJson(row)},"model":${JSON.stringify(row.model)}` +
    `,"provider":${JSON.stringify(row.provider)},"finish_reason":${JSON.stringify(row.finishReason)}` +
    `,"usage":${usageJson(row)},"cost_usd":${row.costUsd},"attempts":${row.attempts}` +
    `,"latency_ms":${row.latencyMs}${answeredBy},"input":${row.row}${raw}}`
  );
}

function errorJson({ errorCode, errorMessage, httpStatus }: ResultRow): string {
  if (errorCode === null) return "null";
  const [code, message] = [JSON.stringify(errorCode), JSON.stringify(errorMessage)];
  return `{"code":${code},"message":${message},"http_status":${httpStatus}}`;
}

function usageJson({ inputTokens, cachedInputTokens, outputTokens, reasoningTokens }: ResultRow): string {
  if (inputTokens === null) return "null";
  return (
    `{"input_tokens":${inputTokens},"cached_input_tokens":${cachedInputTokens}` +
    `,"output_tokens":${outputTokens},"reasoning_tokens":${reasoningTokens}}`
  );
}

function answeredByJson({ answeredBy }: ResultRow, withSample: boolean): string {
  const { run, key, sample } = answeredBy!;
  return JSON.stringify({ run, id: key, ...(withSample || sample > 1 ? { sample } : {}) });
}
