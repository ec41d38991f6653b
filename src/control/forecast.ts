import type { Outcome } from "../domain/outcome.ts";
import { type Charge, type ChargingProfile, plainUsage } from "../domain/usage.ts";
import type { WaitReason } from "./limiter/admission.ts";
import { Limiter } from "./limiter/limiter.ts";
import type { Limits } from "./limits.ts";
import type { Reservation } from "./permit.ts";

export interface ForecastSettings {
  limits: Limits;
  charging: ChargingProfile;
  /** Calls in flight at most. */
  maxConcurrency: number;
  /** How long each call is taken to last. */
  latencyMs: number;
}

export interface ForecastResult {
  calls: number;
  durationMs: number;
  /** What the calls waited for, longest first: what to raise to be faster. */
  waits: readonly { reason: WaitReason; ms: number }[];
}

interface Flight {
  charge: Reservation;
  admittedAt: number;
  inputTokens: number;
  outputTokens: number;
}

/** Ended calls that are kept before the queue is cut: often enough to keep it small, seldom enough to cost nothing. */
const KEPT_FLIGHTS = 1_000;

/**
 * Plays a run's calls on one endpoint through the very limiter that will pace them, on a clock that jumps from event to
 * event. The provider is taken to keep what the limits say, and to refuse nothing. Memory holds the calls in flight.
 */
export class Forecast {
  readonly #limiter: Limiter;
  readonly #latencyMs: number;
  readonly #waits = new Map<WaitReason, number>();
  /** Every call lasts equally long, so they end in the order in which they began. */
  readonly #flights: Flight[] = [];
  /** How many at the head of `#flights` have ended. */
  #ended = 0;
  #calls = 0;
  #now = 0;

  constructor({ limits, charging, maxConcurrency, latencyMs }: ForecastSettings) {
    this.#limiter = new Limiter(limits, {
      now: 0,
      wall: 0,
      profile: charging,
      maxConcurrency,
      random: () => 0,
    });
    this.#latencyMs = latencyMs;
  }

  /** When the last call was sent, in milliseconds from the start. */
  get sentAt(): number {
    return this.#now;
  }

  /**
   * The next call.
   * @param charge what it is estimated to be charged; `outputTokens` as `max_tokens`, or 0
   * @param outputTokens what its answer is taken to have
   */
  add(charge: Charge, outputTokens: number): void {
    const { inputTokens } = charge;
    for (;;) {
      const admission = this.#limiter.admit(charge, this.#now);
      if (admission.admitted) {
        this.#flights.push({ charge: admission.charge, admittedAt: this.#now, inputTokens, outputTokens });
        this.#calls++;
        return;
      }
      const before = this.#now;
      if (this.#nextEndAt() <= admission.until) this.#endNext();
      else this.#now = admission.until;
      this.#waits.set(admission.reason, (this.#waits.get(admission.reason) ?? 0) + this.#now - before);
    }
  }

  /** Lets the calls in flight end. */
  end(): ForecastResult {
    while (this.#ended < this.#flights.length) this.#endNext();
    const waits = [...this.#waits].map(([reason, ms]) => ({ reason, ms })).sort((a, b) => b.ms - a.ms);
    return { calls: this.#calls, durationMs: this.#now, waits };
  }

  #nextEndAt(): number {
    const next = this.#flights[this.#ended];
    return next ? next.admittedAt + this.#latencyMs : Number.POSITIVE_INFINITY;
  }

  #endNext(): void {
    const flight = this.#flights[this.#ended++]!;
    this.#now = Math.max(this.#now, flight.admittedAt + this.#latencyMs);
    this.#limiter.settle(flight, answerOf(flight), this.#now);
    if (this.#ended < KEPT_FLIGHTS) return;
    this.#flights.splice(0, this.#ended);
    this.#ended = 0;
  }
}

function answerOf({ inputTokens, outputTokens }: Flight): Outcome {
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
      usage: plainUsage(inputTokens, outputTokens),
      serviceTier: null,
    },
    costNanoUsd: null,
    raw: null,
  };
}
