import type { Usage } from "../../domain/usage.ts";
import { asObject } from "./json-value.ts";

/** No call has more; a figure beyond it is nonsense, and must not spoil sums. */
const MOST_TOKENS = 1e9;

/** What a provider says, each figure as it came; one that is missing or nonsense counts as 0. */
interface Figures {
  input: unknown;
  cached: unknown;
  cacheWrite: unknown;
  /** The part of `cacheWrite` that is kept for an hour; left out by who doesn't tell. */
  longCacheWrite?: unknown;
  output: unknown;
  reasoning: unknown;
}

/** A usage in which no part is larger than its whole. */
export function usageFrom({ input, cached, cacheWrite, longCacheWrite, output, reasoning }: Figures): Usage {
  const inputTokens = count(input);
  const outputTokens = count(output);
  const cachedInputTokens = Math.min(count(cached), inputTokens);
  const cacheWriteTokens = Math.min(count(cacheWrite), inputTokens - cachedInputTokens);
  return {
    inputTokens,
    cachedInputTokens,
    cacheWriteTokens,
    longCacheWriteTokens: Math.min(count(longCacheWrite), cacheWriteTokens),
    outputTokens,
    reasoningTokens: Math.min(count(reasoning), outputTokens),
  };
}

/**
 * The `usage` of chat completions, which completions and embeddings share. Some count what was thought only in the total
 * (xAI, Gemini), so the larger figure is what was generated.
 */
export function completionUsage(usage: unknown): Usage {
  const told = asObject(usage);
  const inputDetails = asObject(told.prompt_tokens_details);
  const said = count(told.completion_tokens);
  const output = Math.max(said, count(told.total_tokens) - count(told.prompt_tokens));
  return usageFrom({
    input: told.prompt_tokens,
    // The second is DeepSeek's name for it.
    cached: inputDetails.cached_tokens ?? told.prompt_cache_hit_tokens,
    cacheWrite: inputDetails.cache_write_tokens,
    output,
    reasoning: Math.max(count(asObject(told.completion_tokens_details).reasoning_tokens), output - said),
  });
}

/** A figure as a whole number of tokens; what is no such number counts for nothing. */
export function count(value: unknown): number {
  if (typeof value !== "number" || !(value > 0)) return 0;
  return Math.min(Math.round(value), MOST_TOKENS);
}
