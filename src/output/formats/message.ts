import type { Run } from "../../domain/run.ts";
import type { ResultRow } from "../../ports/results.ts";
import { answerText } from "./answer-text.ts";

type StopReason = "end_turn" | "max_tokens" | "refusal";

/** Calls of tools stand in the text, so who reads it isn't sent to look for them. */
const STOP_REASONS: ReadonlyMap<string | null, StopReason> = new Map([
  ["length", "max_tokens"],
  ["max_output_tokens", "max_tokens"],
  ["content_filter", "refusal"],
]);

/** An answer in the form of Anthropic's message, for one that came in another. */
export function message(row: ResultRow, run: Run) {
  return {
    id: `msg_${run.id}_${row.id}`,
    type: "message" as const,
    role: "assistant" as const,
    model: row.model ?? "",
    content: [{ type: "text" as const, text: answerText(row), citations: null }],
    container: null,
    diagnostics: null,
    stop_reason: STOP_REASONS.get(row.finishReason) ?? "end_turn",
    stop_details: null,
    stop_sequence: null,
    usage: usage(row),
  };
}

/** Anthropic counts what was read from the cache apart from the input. */
function usage(row: ResultRow) {
  const cached = row.cachedInputTokens ?? 0;
  return {
    input_tokens: (row.inputTokens ?? 0) - cached,
    cache_read_input_tokens: cached,
    cache_creation_input_tokens: 0,
    cache_creation: null,
    output_tokens: row.outputTokens ?? 0,
    output_tokens_details: { thinking_tokens: row.reasoningTokens ?? 0 },
    server_tool_use: null,
    service_tier: null,
    inference_geo: null,
    speed: null,
  };
}
