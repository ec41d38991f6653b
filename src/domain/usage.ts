/** Tokens of one call, as the provider reported them. */
export interface Usage {
  /** All prompt tokens, cached ones included. */
  inputTokens: number;
  /** The part of `inputTokens` that was read from the provider's cache. */
  cachedInputTokens: number;
  /** The part of `inputTokens` that was written to the provider's cache, which some charge more for. */
  cacheWriteTokens: number;
  /** The part of `cacheWriteTokens` that is kept for an hour, for which Anthropic charges still more. */
  longCacheWriteTokens: number;
  /** All generated tokens, reasoning included. */
  outputTokens: number;
  /** The part of `outputTokens` that was thought and not said. */
  reasoningTokens: number;
}

/** Of a call of which nothing was cached and nothing thought. */
export function plainUsage(inputTokens: number, outputTokens: number): Usage {
  return {
    inputTokens,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    longCacheWriteTokens: 0,
    outputTokens,
    reasoningTokens: 0,
  };
}

/** What a call takes from a quota: estimated before it is sent, known after it. */
export interface Charge {
  inputTokens: number;
  outputTokens: number;
}

/**
 * How a provider counts a call against its token limits: all tokens that were used; those, less the cached input
 * (Anthropic); or the input and `max_tokens`, taken up front and not given back (OpenAI, Azure).
 */
export type ChargingProfile = "used" | "uncached" | "upfront";
