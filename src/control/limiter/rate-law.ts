/** How far it rises above the last peak in a second stretch of `returnMs`, as a share of the peak. */
const RISE = 0.15;

export interface RateLawState {
  /** The rate to come back to. */
  peak: number;
  /** What the cut left of it. */
  base: number;
  /** Time from the cut back to the peak. */
  returnMs: number;
  sinceCutMs: number;
}

/** A rate that was never cut: it stands at its peak. */
export function uncut(rate: number, returnMs: number): RateLawState {
  return { peak: rate, base: rate, returnMs, sinceCutMs: returnMs };
}

/**
 * A rate between two cuts. It grows along a cubic: fast up to near the last peak, slowly around it, and faster again the
 * longer nothing is refused.
 */
export class RateLaw {
  #sinceCutMs: number;
  readonly #state: RateLawState;
  readonly #ceiling: number;

  constructor(state: RateLawState, ceiling: number) {
    this.#state = state;
    this.#sinceCutMs = state.sinceCutMs;
    this.#ceiling = ceiling;
  }

  get value(): number {
    const { peak, base, returnMs } = this.#state;
    const t = this.#sinceCutMs / returnMs - 1;
    const depth = t < 0 ? peak - base : peak * RISE;
    return Math.min(this.#ceiling, peak + depth * t * t * t);
  }

  get state(): RateLawState {
    return { ...this.#state, sinceCutMs: this.#sinceCutMs };
  }

  /** Lets it grow for a while. */
  advance(elapsedMs: number): void {
    this.#sinceCutMs += elapsedMs;
  }
}
