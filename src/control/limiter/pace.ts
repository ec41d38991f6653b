import { RefusalNoise } from "./noise/refusal-noise.ts";
import { RateLaw, type RateLawState, uncut } from "./rate-law.ts";
import { MINUTE_MS } from "./window.ts";

/** Time from a cut back to the rate before it. A slow endpoint gives fewer signs, so it is tried less often. */
const RETURN_MS = 60_000;
const SLOW_RETURN_MS = 120_000;
const SLOW_PER_MINUTE = 120;

/**
 * The refusal that ends the slow start leaves half of the rate that was let in. How far that was from the limit is not known
 * yet, so the way back is short: with 60 s, a bucket of a second was used to 90 % after 184 s, with 30 s after 114.
 */
const FIRST_CUT = 0.5;
const FIRST_RETURN_MS = 30_000;

/**
 * The least that is taken for the rate which was refused first. One call at a time tells nothing of a rate: a run whose very
 * first call was refused sent one a minute from then on.
 */
const LEAST_PEAK = 60;

/**
 * What a later refusal leaves at the most and at the least. An unknown provider that counts over 10 s was used to 94.1 % with
 * 0.85, to 95.4 % with 0.9 and to 95.9 % with 0.92, with as many refusals; with 0.94 one that counts over fixed minutes
 * refused 0.55 %.
 */
const CUT = 0.92;
const DEEPEST_CUT = 0.5;

/**
 * A refusal so soon after a cut that ended a long stretch is its echo: the provider still counts what was sent before. It
 * says nothing of the peak. Taking it for one left a provider that counts over 10 s at 54 % for two minutes.
 */
const ECHO_MS = 15_000;

/** Where refusals are borne, a cut has to show whether they are the limit's: so far below what was let in it stays for a while. */
const DEEP_CUT = 0.8;

/** A learned rate grows only while so much of it is used: else growth would mean nothing. */
const BUSY = 0.7;

/** Requests per minute that were let in, over the last seconds and over the last minute. */
export interface Accepted {
  latelyPerMinute: number;
  steadilyPerMinute: number;
}

/** A refusal that speaks against the rate, and what was let in before it. */
export interface Refusal extends Accepted {
  now: number;
  /** Whether the provider said how long to wait: then it is about a limit. */
  isHinted: boolean;
}

export interface PaceState {
  factor: RateLawState;
  learned: RateLawState | null;
  /** What the learned rate never goes above, where a part is left to others. */
  ceiling: number | null;
  /** The share of calls that is refused at any rate; missing where none is known, or an older version stored it. */
  noise?: number;
}

/**
 * How far the refusals of an endpoint let us go. Where limits per minute are known, a factor m <= 1 on all of them; where
 * none is, a rate of requests, which starts with the first refusal.
 */
export class Pace {
  readonly #share: number;
  #noise: RefusalNoise;
  #isAlone = true;
  #factor: RateLaw;
  #learned: RateLaw | null;
  #ceiling: number | null;

  constructor(share: number, saved: PaceState | null) {
    this.#share = share;
    this.#factor = new RateLaw(saved?.factor ?? uncut(1, RETURN_MS), 1);
    this.#ceiling = saved?.ceiling ?? null;
    this.#noise = new RefusalNoise(saved?.noise ?? null);
    this.#learned = saved?.learned ? this.#learnedLaw(saved.learned) : null;
  }

  get state(): PaceState {
    const { share } = this.#noise;
    return {
      factor: this.#factor.state,
      learned: this.#learned?.state ?? null,
      ceiling: this.#ceiling,
      ...(share !== null && { noise: share }),
    };
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

  /** Whether no other process sends to the endpoint: refusals that others' rates bring on would pass for noise. */
  set isAlone(isAlone: boolean) {
    this.#isAlone = isAlone;
    if (!isAlone) this.#noise.interrupt();
  }

  sent(now: number): void {
    if (this.#isAlone) this.#noise.sent(now);
  }

  /** Whether a refusal without a hint is to be passed over, as one that comes at any rate. */
  bears(): boolean {
    return this.#isAlone && this.#noise.bears();
  }

  /** A refusal that says nothing of the rate. */
  echoed(): void {
    if (this.#isAlone) this.#noise.echoed();
  }

  /** The known limits are others now: refusals under the old ones say nothing. */
  restart(): void {
    this.#noise = new RefusalNoise(null);
    this.#factor = new RateLaw(uncut(1, RETURN_MS), 1);
  }

  cutFactor(refusal: Refusal): void {
    const state = this.#judged(this.#factor.value, cutOfFactor(this.#factor, refusal), refusal);
    this.#factor = new RateLaw(state, 1);
  }

  cutLearned(refusal: Refusal): void {
    const cut = this.#learned ? cutOfRate(this.#learned, refusal) : firstCut(refusal);
    const state = this.#judged(this.#learned?.value ?? cut.peak, cut, refusal);
    if (this.#share < 1) this.#ceiling ??= state.peak * this.#share;
    this.#learned = this.#learnedLaw(state);
  }

  #judged(rate: number, cut: RateLawState, { isHinted, now }: Refusal): RateLawState {
    if (isHinted || !this.#isAlone) return cut;
    const judgement = this.#noise.judge(rate, now);
    if (judgement === "cut") return cut;
    if (judgement === "cut deep") return { ...cut, base: Math.min(cut.base, DEEP_CUT * cut.peak) };
    return uncut(judgement.back, RETURN_MS);
  }

  #learnedLaw(state: RateLawState): RateLaw {
    return new RateLaw(state, this.#ceiling ?? Number.POSITIVE_INFINITY);
  }
}

function firstCut({ latelyPerMinute }: Accepted): RateLawState {
  const peak = Math.max(LEAST_PEAK, latelyPerMinute);
  return { peak, base: peak * FIRST_CUT, returnMs: FIRST_RETURN_MS, sinceCutMs: 0 };
}

function cutOfRate(law: RateLaw, { latelyPerMinute, steadilyPerMinute }: Accepted): RateLawState {
  const returnMs = law.value < SLOW_PER_MINUTE ? SLOW_RETURN_MS : RETURN_MS;
  if (steadilyPerMinute <= 0) return cut(law, NOTHING_LET_IN, returnMs);
  return cut(law, { lately: latelyPerMinute / law.value, steadily: steadilyPerMinute / law.value }, returnMs);
}

/** The rate the factor stands for isn't known where tokens are the limit: then one stretch is measured by the other. */
function cutOfFactor(law: RateLaw, { latelyPerMinute, steadilyPerMinute }: Accepted): RateLawState {
  if (steadilyPerMinute <= 0) return cut(law, NOTHING_LET_IN, RETURN_MS);
  const lately = latelyPerMinute / steadilyPerMinute;
  const steadily = steadilyPerMinute / Math.max(1, latelyPerMinute);
  return cut(law, { lately, steadily }, RETURN_MS);
}

/** Then nothing is known but the refusal. */
const NOTHING_LET_IN = { lately: 1, steadily: 1 };

/**
 * What was let in over a minute is nearer to the limit than the rate that was refused at last: coming back to it rather
 * than to that rate halved the refusals of every kind of provider. But where refusals are more than a minute apart, the
 * minute was one of growth, and its mean is far below what the provider allows.
 * @param used the shares of the value that were let in.
 */
function cut(
  { value, state }: RateLaw,
  used: { lately: number; steadily: number },
  returnMs: number,
): RateLawState {
  const { peak, sinceCutMs } = state;
  const searching = state.returnMs === FIRST_RETURN_MS;
  if (searching && sinceCutMs < ECHO_MS) return { peak, base: value * CUT, returnMs, sinceCutMs: 0 };
  const often = sinceCutMs < MINUTE_MS && !searching;
  const known = value * clamp(used.steadily, often ? DEEPEST_CUT : CUT, 1);
  return { peak: known, base: known * clamp(used.lately, DEEPEST_CUT, CUT), returnMs, sinceCutMs: 0 };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
