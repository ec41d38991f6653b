import type { Run } from "../../domain/run.ts";
import type { ResultRow } from "../../ports/results.ts";
import { answerText } from "./answer-text.ts";

type FinishReason = "stop" | "length" | "content_filter";

/** Calls of tools stand in the text, so who reads it isn't sent to look for them. */
const FINISH_REASONS: ReadonlyMap<string | null, FinishReason> = new Map([
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["refusal", "content_filter"],
]);

/** An answer in the form of OpenAI's chat completion, for one that came in another. */
export function chatCompletion(row: ResultRow, run: Run) {
  const [input, output] = [row.inputTokens ?? 0, row.outputTokens ?? 0];
  return {
    id: `chatcmpl-${run.id}-${row.id}`,
    object: "chat.completion" as const,
    created: Math.floor(run.createdAt / 1_000),
    model: row.model ?? "",
    choices: [
      {
        index: 0,
        message: { role: "assistant" as const, content: answerText(row), refusal: null },
        logprobs: null,
        finish_reason: FINISH_REASONS.get(row.finishReason) ?? "stop",
      },
    ],
    usage: {
      prompt_tokens: input,
      completion_tokens: output,
      total_tokens: input + output,
      prompt_tokens_details: { cached_tokens: row.cachedInputTokens ?? 0 },
      completion_tokens_details: { reasoning_tokens: row.reasoningTokens ?? 0 },
    },
  };
}
