/** How much of the flowing time is gone by: long enough to be steady, short enough to follow a limit that moves. */
const WINDOW_MS = 60_000;
/** A rate over less than this says nothing. */
const LEAST_MS = 2_000;

interface Stretch {
  ms: number;
  done: number;
}

/** How fast rows come to be done while nothing holds calls back: a breaker's pause doesn't make a run look slow. */
export class Flow {
  #stretches: Stretch[] = [];
  #last: { at: number; done: number; isHeld: boolean } | null = null;

  /**
   * A look at the run.
   * @param at milliseconds of any clock
   * @param done rows done so far
   */
  see(at: number, done: number, isHeld: boolean): void {
    const last = this.#last;
    this.#last = { at, done, isHeld };
    if (last === null || at <= last.at) return;
    const grown = Math.max(0, done - last.done);
    if (last.isHeld && isHeld && grown === 0) return;
    this.#stretches.push({ ms: at - last.at, done: grown });
    while (this.#ms - this.#stretches[0]!.ms >= WINDOW_MS) this.#stretches.shift();
  }

  /** Rows per minute; null while nobody knows. */
  get donePerMinute(): number | null {
    const done = this.#stretches.reduce((sum, stretch) => sum + stretch.done, 0);
    return this.#ms < LEAST_MS || done === 0 ? null : (done * 60_000) / this.#ms;
  }

  get #ms(): number {
    return this.#stretches.reduce((sum, { ms }) => sum + ms, 0);
  }
}
