import type { QuotaDimension } from "../domain/outcome.ts";

export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;

/** Which headers speak of one quota. */
export interface QuotaHeaders {
  dimension: QuotaDimension;
  limit: string;
  remaining: string;
  reset: string;
  /** The window, unless the figures themselves show that it is a day. */
  windowMs: typeof MINUTE_MS | typeof DAY_MS;
}

/** OpenAI's names, which most others took over. */
function xRateLimit(dimension: QuotaDimension, what: string, windowMs: QuotaHeaders["windowMs"] = MINUTE_MS) {
  return {
    dimension,
    limit: `x-ratelimit-limit-${what}`,
    remaining: `x-ratelimit-remaining-${what}`,
    reset: `x-ratelimit-reset-${what}`,
    windowMs,
  };
}

function anthropic(dimension: QuotaDimension, what: string): QuotaHeaders {
  const name = `anthropic-ratelimit-${what}`;
  return {
    dimension,
    limit: `${name}-limit`,
    remaining: `${name}-remaining`,
    reset: `${name}-reset`,
    windowMs: MINUTE_MS,
  };
}

/** Names that mean the same wherever they are sent. */
const GENERIC: readonly QuotaHeaders[] = [
  xRateLimit("requests", "requests"),
  xRateLimit("tokens", "tokens"),
  anthropic("requests", "requests"),
  anthropic("inputTokens", "input-tokens"),
  anthropic("outputTokens", "output-tokens"),
  anthropic("tokens", "tokens"),
  // Mistral
  xRateLimit("requests", "req-minute"),
  xRateLimit("tokens", "tokens-minute"),
  // Fireworks
  xRateLimit("inputTokens", "tokens-prompt"),
  xRateLimit("outputTokens", "tokens-generated"),
];

/** How a provider words its quota headers, where that is its own. */
export const DIALECTS = {
  generic: GENERIC,
  azure: GENERIC,
  anthropic: GENERIC,
  groq: [xRateLimit("requests", "requests", DAY_MS), xRateLimit("tokens", "tokens")],
  openrouter: [
    {
      dimension: "requests",
      limit: "x-ratelimit-limit",
      remaining: "x-ratelimit-remaining",
      reset: "x-ratelimit-reset",
      windowMs: MINUTE_MS,
    },
  ],
} as const satisfies Record<string, readonly QuotaHeaders[]>;

export type Dialect = keyof typeof DIALECTS;
