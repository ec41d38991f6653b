import type { Usage } from "./usage.ts";

/**
 * How an attempt ended. Each kind stands for one way of treating the job, the breaker and the limiter, see
 * {@link OUTCOME_RULES}; which reply is which kind is the provider adapter's to decide.
 */
export type OutcomeKind =
  /** An answer in the promised form. */
  | "succeeded"
  /** Refused by a rate limit: nobody's fault, sent again when the limit allows. */
  | "throttled"
  /** A quota that stays used up for long (per day, or a wait above 15 minutes). */
  | "exhausted"
  /** The provider says it has too much to do: 503, 529, 498. */
  | "overloaded"
  /** A server error that may pass: 500, 502, 504, 52x, 408, 409. */
  | "transient"
  /** Nothing was sent: refused, DNS, TLS. */
  | "unreachable"
  /** Cut off in mid-call by a timeout or a reset: perhaps answered, perhaps billed. */
  | "interrupted"
  /** The key, the account, the model or the address is refused: the run cannot go on. */
  | "blocked"
  /** This request will never be accepted: 400, 413, 422, content filter, context length. */
  | "rejected"
  /** A 200 that holds no answer in the promised form. */
  | "malformed"
  /** Ended by us, because the user stopped the run. */
  | "aborted";

interface OutcomeRule {
  /** What the breaker learns: "neutral" neither opens nor closes it. */
  breaker: "success" | "failure" | "neutral";
  /** What becomes of the job: `retry` uses up a failure, `requeue` does not. */
  job: "succeed" | "fail" | "retry" | "requeue";
  /** Whether the job gets its failure back when the breaker trips: it was the provider's outage, not the row. */
  forgivable: boolean;
}

export const OUTCOME_RULES: Readonly<Record<OutcomeKind, OutcomeRule>> = {
  succeeded: { breaker: "success", job: "succeed", forgivable: false },
  throttled: { breaker: "neutral", job: "requeue", forgivable: false },
  exhausted: { breaker: "neutral", job: "requeue", forgivable: false },
  overloaded: { breaker: "failure", job: "retry", forgivable: true },
  transient: { breaker: "failure", job: "retry", forgivable: true },
  unreachable: { breaker: "failure", job: "requeue", forgivable: false },
  interrupted: { breaker: "failure", job: "retry", forgivable: true },
  blocked: { breaker: "neutral", job: "requeue", forgivable: false },
  rejected: { breaker: "neutral", job: "fail", forgivable: false },
  malformed: { breaker: "success", job: "retry", forgivable: false },
  aborted: { breaker: "neutral", job: "requeue", forgivable: false },
};

/** A provider's answer to one request, in the product's own terms. */
export interface Answer {
  /** JSON text: a string for chat, an array for embeddings. Kept as text so that nothing is rounded. */
  output: string;
  /** The model that answered, as the provider names it. */
  model: string | null;
  finishReason: string | null;
  usage: Usage;
}

/** What a reply's headers say of the quota. Every field is absent where the provider is silent. */
export interface QuotaReport {
  dimension: QuotaDimension;
  /** Units per `windowMs`. */
  limit?: number;
  /** Units left now. */
  remaining?: number;
  /** Milliseconds until the quota is whole again. */
  resetMs?: number;
  /** The window the limit is counted over: 60,000 or 86,400,000. */
  windowMs: number;
}

export type QuotaDimension = "requests" | "inputTokens" | "outputTokens" | "tokens";

/** The classified end of an attempt. */
export interface Outcome {
  kind: OutcomeKind;
  /** The provider's own code where it gave one, else ours, e.g. `rate_limit_exceeded`, `http_500`, `timeout`. */
  code: string;
  /** One line for people; keys taken out, cut to 1,000 characters. Empty for a success. */
  message: string;
  httpStatus: number | null;
  requestId: string | null;
  /** The provider's wish, in milliseconds from the reply; never shortened. */
  retryAfterMs: number | null;
  /** What `blocked` is about. */
  blockedBy: "key" | "account" | "model" | "endpoint" | null;
  quota: readonly QuotaReport[];
  answer: Answer | null;
  /** The response body as it came. Null when nothing came. */
  raw: string | null;
}
