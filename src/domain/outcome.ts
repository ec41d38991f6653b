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
  /** A server error that may pass: 500, 502, 504, 52x, 408, 409, 499. */
  | "transient"
  /** Nothing was sent: refused, DNS, TLS. */
  | "unreachable"
  /** Cut off in mid-call by a timeout or a reset: perhaps answered, perhaps billed. */
  | "interrupted"
  /** The key, the account, the model or the address is refused: the run cannot go on. */
  | "blocked"
  /** This request will never be accepted: 400, 413, 422, content filter, context length. */
  | "rejected"
  /** An answer was made, but none in the promised form: a 200 without it, or an error that says so. */
  | "malformed"
  /** An answer that doesn't fit the JSON Schema that was asked for, or was cut off before its end. */
  | "invalid"
  /** Ended by us: the user stopped the run, or this machine has no descriptor left for a connection. */
  | "aborted";

interface OutcomeRule {
  /** What the breaker learns: "neutral" neither opens nor closes it. */
  breaker: "success" | "failure" | "neutral";
  /** What becomes of the job: `retry` uses up a failure, `reask` one of its answers, `requeue` neither. */
  job: "succeed" | "fail" | "retry" | "reask" | "requeue";
  /** Whether the job gets its failure back when the breaker trips: it was the provider's outage, not the row. */
  forgivable: boolean;
  /** Whether the call may have been billed though there is no answer: it was broken off. */
  maybeBilled: boolean;
  /** Whether the provider gave an answer and we ask for another one: a new request, with a new Idempotency-Key. */
  asksAnew: boolean;
}

export const OUTCOME_RULES: Readonly<Record<OutcomeKind, OutcomeRule>> = {
  succeeded: { breaker: "success", job: "succeed", forgivable: false, maybeBilled: false, asksAnew: false },
  throttled: { breaker: "neutral", job: "requeue", forgivable: false, maybeBilled: false, asksAnew: false },
  exhausted: { breaker: "neutral", job: "requeue", forgivable: false, maybeBilled: false, asksAnew: false },
  overloaded: { breaker: "failure", job: "retry", forgivable: true, maybeBilled: false, asksAnew: false },
  transient: { breaker: "failure", job: "retry", forgivable: true, maybeBilled: false, asksAnew: false },
  unreachable: { breaker: "failure", job: "requeue", forgivable: false, maybeBilled: false, asksAnew: false },
  interrupted: { breaker: "failure", job: "retry", forgivable: true, maybeBilled: true, asksAnew: false },
  blocked: { breaker: "neutral", job: "requeue", forgivable: false, maybeBilled: false, asksAnew: false },
  rejected: { breaker: "neutral", job: "fail", forgivable: false, maybeBilled: false, asksAnew: false },
  malformed: { breaker: "success", job: "retry", forgivable: false, maybeBilled: false, asksAnew: true },
  invalid: { breaker: "success", job: "reask", forgivable: false, maybeBilled: false, asksAnew: true },
  aborted: { breaker: "neutral", job: "requeue", forgivable: false, maybeBilled: true, asksAnew: false },
};

/**
 * A wait of more than this, asked for by the provider, is no throttle: a quota is used up for long. Nor does it count as a stall.
 */
export const LONGEST_THROTTLE_MS = 15 * 60_000;

/** A provider's answer to one request, in the product's own terms. */
export interface Answer {
  /** JSON text: a string for chat, an array for embeddings. Kept as text so that nothing is rounded. */
  output: string;
  /** The model that answered, as the provider names it. */
  model: string | null;
  finishReason: string | null;
  usage: Usage;
  /** What the provider says the call was charged by, e.g. `flex`. */
  serviceTier: string | null;
}

/** Whether a call was given up after `--timeout`. A provider may tell of timeouts of its own by the same code. */
export function isTimedOut({ code, httpStatus }: Outcome): boolean {
  return code === "timeout" && httpStatus === null;
}

const LIMIT_REASONS = new Set<string | null>(["length", "max_tokens", "model_context_window_exceeded"]);

/** Whether an answer with this finish reason ran into a limit on its tokens. */
export function ranIntoLimit(finishReason: Answer["finishReason"]): boolean {
  return LIMIT_REASONS.has(finishReason);
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
  /** What the call cost, in whole nano-USD; null where there is no answer, or its price is unknown: never 0 for that. */
  costNanoUsd: number | null;
  /** The response body as it came. Null when nothing came. */
  raw: string | null;
}

/** The outcome of an attempt to which no reply came. */
export function withoutReply(kind: OutcomeKind, code: string, message: string): Outcome {
  return {
    kind,
    code,
    message,
    httpStatus: null,
    requestId: null,
    retryAfterMs: null,
    blockedBy: null,
    quota: [],
    answer: null,
    costNanoUsd: null,
    raw: null,
  };
}
