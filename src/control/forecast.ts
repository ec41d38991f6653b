import type { Outcome } from "../domain/outcome.ts";
import type { Charge } from "../domain/usage.ts";
import { Limiter } from "./limiter/limiter.ts";
import type { WaitReason } from "./limiter/verdict.ts";
import type { Limits } from "./limits.ts";
import type { Reservation } from "./permit.ts";

export interface ForecastRequest {
  /** What each call is estimated to be charged, in the order they are sent; `outputTokens` as `max_tokens`, or 0. */
  charges: Iterable<Charge>;
  limits: Limits;
  /** Calls in flight at most. */
  maxConcurrency: number;
  /** How long each call is taken to last. */
  latencyMs: number;
  /** Tokens that each answer is taken to have. */
  outputTokens: number;
}

export interface Forecast {
  calls: number;
  durationMs: number;
  /** What the calls waited for, longest first: what to raise to be faster. */
  waits: readonly { reason: WaitReason; ms: number }[];
}

interface Flight {
  charge: Reservation;
  admittedAt: number;
  input: number;
}

/**
 * Plays a run through the very limiter that will pace it, on a clock that jumps from event to event. The provider is
 * taken to keep what the limits say, and to refuse nothing.
 */
export function forecast({
  charges,
  limits,
  maxConcurrency,
  latencyMs,
  outputTokens,
}: ForecastRequest): Forecast {
  const limiter = new Limiter(limits, { now: 0, wall: 0, maxConcurrency, random: () => 0 });
  const waits = new Map<WaitReason, number>();
  // Every call lasts equally long, so they end in the order in which they began.
  const inFlight: Flight[] = [];
  let ended = 0;
  let now = 0;

  const endNext = (): void => {
    const flight = inFlight[ended++]!;
    now = Math.max(now, flight.admittedAt + latencyMs);
    limiter.settle(flight, answerOf(flight.input, outputTokens), now);
  };

  for (const charge of charges) {
    for (;;) {
      const verdict = limiter.admit(charge, now);
      if (verdict.admitted) {
        inFlight.push({ charge: verdict.charge, admittedAt: now, input: charge.inputTokens });
        break;
      }
      const before = now;
      const nextEnd =
        ended < inFlight.length ? inFlight[ended]!.admittedAt + latencyMs : Number.POSITIVE_INFINITY;
      if (nextEnd <= verdict.until) endNext();
      else now = verdict.until;
      waits.set(verdict.reason, (waits.get(verdict.reason) ?? 0) + now - before);
    }
  }
  while (ended < inFlight.length) endNext();
  return { calls: inFlight.length, durationMs: now, waits: longestFirst(waits) };
}

function longestFirst(waits: ReadonlyMap<WaitReason, number>): Forecast["waits"] {
  return [...waits].map(([reason, ms]) => ({ reason, ms })).sort((a, b) => b.ms - a.ms);
}

function answerOf(inputTokens: number, outputTokens: number): Outcome {
  return {
    kind: "succeeded",
    code: "ok",
    message: "",
    httpStatus: 200,
    requestId: null,
    retryAfterMs: null,
    blockedBy: null,
    quota: [],
    answer: {
      output: '""',
      model: null,
      finishReason: null,
      usage: { inputTokens, cachedInputTokens: 0, outputTokens },
    },
    raw: null,
  };
}
