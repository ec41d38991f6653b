import { RateLaw, type RateLawState } from "./rate-law.ts";

/** What an overload leaves of the calls in flight. */
const CUT = 0.5;

/**
 * Overloads count from this share of the latest calls on, a mean over so many of them: a large service drops one call in a hundred
 * whatever its load. With a cut for each, 1 % of such faults at 300 ms left 76 % of a quota of 6,000 RPM in use; see
 * `test/model/concurrency.test.ts`.
 */
const OVERLOADED_SHARE = 0.15;
const LATEST_CALLS = 20;

/** Time from the cut back to where it was. */
const RETURN_MS = 60_000;

/**
 * A cap on the calls in flight, set by a provider that says it has too much to do: half of what was in flight, growing back
 * along the same cubic as a rate. Without an answer since the last cut the provider isn't overloaded but down, which is
 * the breaker's affair: further cuts would only delay the recovery.
 */
export class OverloadCap {
  #law: RateLaw | null;
  #cutAt = Number.NEGATIVE_INFINITY;
  #answered = true;
  /** The share of overloads among the latest calls; nothing is known at first. */
  #share = 0;

  constructor(saved: RateLawState | null) {
    this.#law = saved && overloadLaw(saved);
  }

  get size(): number {
    return this.#law ? Math.max(1, Math.floor(this.#law.value)) : Number.POSITIVE_INFINITY;
  }

  get state(): RateLawState | null {
    return this.#law?.state ?? null;
  }

  advance(elapsedMs: number): void {
    this.#law?.advance(elapsedMs);
  }

  overloaded(admittedAt: number, now: number, busiest: number): void {
    if (admittedAt <= this.#cutAt || !this.#answered) return;
    this.#share += (1 - this.#share) / LATEST_CALLS;
    if (this.#share < OVERLOADED_SHARE) return;
    this.#law = overloadLaw({
      peak: busiest,
      base: busiest * CUT,
      returnMs: RETURN_MS,
      sinceCutMs: 0,
    });
    this.#cutAt = now;
    this.#answered = false;
    this.#share = 0;
  }

  answered(admittedAt: number): void {
    this.#share -= this.#share / LATEST_CALLS;
    if (admittedAt > this.#cutAt) this.#answered = true;
  }
}

function overloadLaw(state: RateLawState): RateLaw {
  return new RateLaw(state, Number.POSITIVE_INFINITY);
}
