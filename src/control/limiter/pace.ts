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
const CUT = 0.92;
const DEEPEST_CUT = 0.5;
const DEEPEST_PEAK = 0.7;

/**
 * Where more than this times the rate was let in lately, the refusal is an echo of what was sent before the last cut: it says nothing
 * of the limit. Taking it for one left a provider that counts over 10 s at 62 % for two minutes.
 */
const ECHO = 1.2;

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

  advance(elapsedMs: number, latelyPerMinute: number): void {
    this.#factor.advance(elapsedMs);
    if (this.#learned && latelyPerMinute >= BUSY * this.#learned.value) this.#learned.advance(elapsedMs);
  }

  /** The known limits are others now: refusals under the old ones say nothing. */
  restart(): void {
    this.#factor = new RateLaw(uncut(1, RETURN_MS), 1);
  }

  cutFactor(accepted: Accepted): void {
    this.#factor = new RateLaw(cutOfFactor(this.#factor.value, accepted), 1);
  }

  cutLearned(accepted: Accepted): void {
    this.#learned = this.#learnedLaw(this.#learned ? cutOfRate(this.#learned.value, accepted) : firstCut(accepted));
  }

  /** With a share of less than all, what is left to others is never tried. */
  #learnedLaw(state: RateLawState): RateLaw {
    return new RateLaw(state, this.#share < 1 ? state.peak * this.#share : Number.POSITIVE_INFINITY);
  }
}

function cutOfFactor(factor: number, { latelyPerMinute, steadilyPerMinute }: Accepted): RateLawState {
  return laterCut(factor, steadilyPerMinute / Math.max(1, latelyPerMinute), CUT);
}

function cutOfRate(rate: number, { latelyPerMinute, steadilyPerMinute }: Accepted): RateLawState {
  if (latelyPerMinute > ECHO * rate) return { peak: latelyPerMinute, base: rate * CUT, returnMs: FIRST_RETURN_MS, sinceCutMs: 0 };
  const cutShare = Math.min(CUT, Math.max(DEEPEST_CUT, latelyPerMinute / rate));
  const cut = laterCut(rate, steadilyPerMinute / rate, cutShare);
  return rate < SLOW_PER_MINUTE ? { ...cut, returnMs: SLOW_RETURN_MS } : cut;
}

function firstCut({ latelyPerMinute }: Accepted): RateLawState {
  const peak = Math.max(1, latelyPerMinute);
  return { peak, base: peak * FIRST_CUT, returnMs: FIRST_RETURN_MS, sinceCutMs: 0 };
}

/**
 * What was let in over a minute is nearer to the limit than the rate that was refused at last: coming back to it rather
 * than to that rate halved the refusals of every kind of provider.
 * @param steadyShare how much of the value was let in over the last minute.
 */
function laterCut(value: number, steadyShare: number, cutShare: number): RateLawState {
  const peak = value * Math.min(1, Math.max(DEEPEST_PEAK, steadyShare));
  return { peak, base: peak * cutShare, returnMs: RETURN_MS, sinceCutMs: 0 };
}
