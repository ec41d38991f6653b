/** Tokens of one call, as the provider reported them. */
export interface Usage {
  /** All prompt tokens, cached ones included. */
  inputTokens: number;
  /** The part of `inputTokens` that was read from the provider's cache. */
  cachedInputTokens: number;
  /** All generated tokens, reasoning included. */
  outputTokens: number;
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
