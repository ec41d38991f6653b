/** A limit: a number the user told, or learned from the provider. */
export type Limit = number | "auto";

/** What the user says of an endpoint's quota. Every dimension defaults to `auto`. */
export interface Limits {
  requestsPerMinute: Limit;
  /** Input and output together. */
  tokensPerMinute: Limit;
  inputTokensPerMinute: Limit;
  outputTokensPerMinute: Limit;
  requestsPerDay: Limit;
  tokensPerDay: Limit;
  /** Calls in flight at once; `auto` grows from 8 up to `maxConcurrency`. */
  concurrency: Limit;
  /** The share of every quota that is ours, 0 < share <= 1. Default 1. */
  share: number;
}

export interface BreakerSettings {
  /** Consecutive failures that trip it. Default 5. */
  failures: number;
  /** First cooldown in milliseconds; doubles with each level up to 5 minutes. Default 30,000. */
  cooldownMs: number;
  /** Calls let through at once while half-open. Default 1. */
  probes: number;
  /** Whether a throttling 429 counts as a failure. Default false. */
  on429: boolean;
}
