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
