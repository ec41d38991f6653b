/** How fast it rises above the last peak: by this share of the peak after 2 K. */
const RISE = 0.15;

/** What a cut leaves. */
const CUT = 0.85;

export interface RateLawState {
  peak: number;
  /** What the cut left of it. */
  base: number;
  sinceCutMs: number;
}

/**
 * A rate that is cut by refusals and grows along a cubic in between: fast up to near the last peak, slowly around it, and
 * faster again the longer nothing is refused.
 */
export class RateLaw {
  #state: RateLawState;
  readonly #ceiling: number;
  /** Time from a cut back to the peak. */
  readonly #returnMs: (peak: number) => number;

  constructor(state: RateLawState, ceiling: number, returnMs: (peak: number) => number) {
    this.#state = state;
    this.#ceiling = ceiling;
    this.#returnMs = returnMs;
  }

  get value(): number {
    const { peak, base, sinceCutMs } = this.#state;
    const t = sinceCutMs / this.#returnMs(peak) - 1;
    const depth = t < 0 ? peak - base : peak * RISE;
    return Math.min(this.#ceiling, peak + depth * t ** 3);
  }

  /** Lets it grow for a while. */
  advance(elapsedMs: number): void {
    this.#state.sinceCutMs += elapsedMs;
  }

  cut(share: number = CUT): void {
    const peak = this.value;
    this.#state = { peak, base: peak * share, sinceCutMs: 0 };
  }

  get state(): RateLawState {
    return { ...this.#state };
  }
}
