import { RateLaw, type RateLawState, uncut } from "./rate-law.ts";

/** Time from a cut back to the rate before it. A slow endpoint gives fewer signs, so it is tried less often. */
const RETURN_MS = 60_000;
const SLOW_RETURN_MS = 120_000;
const SLOW_PER_MINUTE = 120;

/**
 * The refusal that ends the slow start leaves half of the rate that was let in. How far that was from the limit is not known
 * yet, so the way back is short: with 60 s, a provider that counts over 10 s was used to 90 % after 214 s, with 30 s after 150.
 */
const FIRST_CUT = 0.5;
const FIRST_RETURN_MS = 30_000;

/**
 * What a later refusal leaves at the most and at the least. With 0.85 an unknown provider that counts over 10 s was used
 * to 94 %, with 0.9 to 95.3 %, refusing as much.
 */
const CUT = 0.9;
const DEEPEST_CUT = 0.5;

/** A learned rate grows only while so much of it is used: else growth would mean nothing. */
const BUSY = 0.7;

/** Requests per minute that were let in, over the last seconds and over the last minute. */
export interface Accepted {
  latelyPerMinute: number;
  steadilyPerMinute: number;
}

export interface PaceState {
  factor: RateLawState;
  learned: RateLawState | null;
}

/**
 * How far the refusals of an endpoint let us go. Where limits per minute are known, a factor m <= 1 on all of them; where
 * none is, a rate of requests, which starts with the first refusal.
 */
export class Pace {
  readonly #share: number;
  #factor: RateLaw;
  #learned: RateLaw | null;

  constructor(share: number, saved: PaceState | null) {
    this.#share = share;
    this.#factor = new RateLaw(saved?.factor ?? uncut(1, RETURN_MS), 1);
    this.#learned = saved?.learned ? this.#learnedLaw(saved.learned) : null;
  }

  get state(): PaceState {
    return { factor: this.#factor.state, learned: this.#learned?.state ?? null };
  }

  /** The factor on limits that are known. */
  get factor(): number {
    return this.#factor.value;
  }

  /** Requests per minute that were learned from refusals; null while nothing was refused. */
  get requestsPerMinute(): number | null {
    return this.#learned?.value ?? null;
  }

  advance(elapsedMs: number, { latelyPerMinute }: Accepted): void {
    this.#factor.advance(elapsedMs);
    if (this.#learned && latelyPerMinute >= BUSY * this.#learned.value) this.#learned.advance(elapsedMs);
  }

  /** The known limits are others now: refusals under the old ones say nothing. */
  restart(): void {
    this.#factor = new RateLaw(uncut(1, RETURN_MS), 1);
  }

  cutFactor(): void {
    const peak = this.#factor.value;
    this.#factor = new RateLaw({ peak, base: peak * CUT, returnMs: RETURN_MS, sinceCutMs: 0 }, 1);
  }

  cutLearned(accepted: Accepted): void {
    const rate = this.#learned?.value;
    this.#learned = this.#learnedLaw(rate === undefined ? firstCut(accepted) : laterCut(rate, accepted));
  }

  /** With a share of less than all, what is left to others is never tried. */
  #learnedLaw(state: RateLawState): RateLaw {
    return new RateLaw(state, this.#share < 1 ? state.peak * this.#share : Number.POSITIVE_INFINITY);
  }
}

function firstCut({ latelyPerMinute }: Accepted): RateLawState {
  const peak = Math.max(1, latelyPerMinute);
  return { peak, base: peak * FIRST_CUT, returnMs: FIRST_RETURN_MS, sinceCutMs: 0 };
}

/**
 * What was let in over a minute is nearer to the limit than the rate that was refused at last: coming back to it rather than to
 * that rate halved the refusals of every kind of provider.
 */
function laterCut(rate: number, { latelyPerMinute, steadilyPerMinute }: Accepted): RateLawState {
  const peak = Math.min(rate, Math.max(rate * CUT, steadilyPerMinute));
  const share = Math.min(CUT, Math.max(DEEPEST_CUT, latelyPerMinute / rate));
  const returnMs = peak < SLOW_PER_MINUTE ? SLOW_RETURN_MS : RETURN_MS;
  return { peak, base: peak * share, returnMs, sinceCutMs: 0 };
}
