import { RateLaw, type RateLawState } from "./rate-law.ts";

/** Time from a cut back to the rate before it. A slow endpoint gives fewer signs, so it is tried less often. */
const RETURN_MS = 60_000;
const SLOW_RETURN_MS = 120_000;
const SLOW_PER_MINUTE = 120;

/** What the refusal that ends the slow start leaves of the rate that was let in. */
const FIRST_CUT = 0.5;

/** What a later refusal leaves at the most and at the least. */
const CUT = 0.85;
const DEEPEST_CUT = 0.5;

/** A learned rate grows only while so much of it is used: else growth would mean nothing. */
const BUSY = 0.7;

export interface PaceState {
  known: RateLawState | null;
  learned: RateLawState | null;
}

/**
 * How far the refusals of an endpoint let us go. Where limits per minute are known, a factor m <= 1 on all of them; where none is,
 * a rate of requests, which starts with the first refusal.
 */
export class Pace {
  readonly #share: number;
  #factor: RateLaw;
  #learned: RateLaw | null;

  constructor(share: number, saved: PaceState | null) {
    this.#share = share;
    this.#factor = factorLaw(saved?.known ?? { peak: 1, base: 1, sinceCutMs: 0 });
    this.#learned = saved?.learned ? this.#learnedLaw(saved.learned) : null;
  }

  get state(): PaceState {
    return { known: this.#factor.state, learned: this.#learned?.state ?? null };
  }

  /** The factor on limits that are known. */
  get factor(): number {
    return this.#factor.value;
  }

  /** Requests per minute that were learned from refusals; null while nothing was refused. */
  get requestsPerMinute(): number | null {
    return this.#learned?.value ?? null;
  }

  advance(elapsedMs: number, sentPerMinute: number): void {
    this.#factor.advance(elapsedMs);
    if (this.#learned && sentPerMinute >= BUSY * this.#learned.value) this.#learned.advance(elapsedMs);
  }

  /** The known limits are others now: refusals under the old ones say nothing. */
  restart(): void {
    this.#factor = factorLaw({ peak: 1, base: 1, sinceCutMs: 0 });
  }

  cutFactor(): void {
    this.#factor.cut(CUT);
  }

  /** @param acceptedPerMinute what the provider has let in lately. */
  cutLearned(acceptedPerMinute: number): void {
    if (this.#learned) {
      const share = Math.max(DEEPEST_CUT, Math.min(CUT, acceptedPerMinute / this.#learned.value));
      this.#learned.cut(share);
    } else {
      const peak = Math.max(1, acceptedPerMinute);
      this.#learned = this.#learnedLaw({ peak, base: peak * FIRST_CUT, sinceCutMs: 0 });
    }
  }

  #learnedLaw(state: RateLawState): RateLaw {
    const ceiling = this.#share < 1 ? state.peak * this.#share : Number.POSITIVE_INFINITY;
    return new RateLaw(state, ceiling, (peak) => (peak < SLOW_PER_MINUTE ? SLOW_RETURN_MS : RETURN_MS));
  }
}

function factorLaw(state: RateLawState): RateLaw {
  return new RateLaw(state, 1, () => RETURN_MS);
}
