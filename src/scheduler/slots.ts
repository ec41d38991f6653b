/**
 * Remembers since when each slot has been free. A call takes the slot that was freed last, so its wait is what the
 * limits made it wait, not how long a spare slot has been idle.
 */
export class Slots {
  readonly #freeSince: number[];

  constructor(count: number, now: number) {
    this.#freeSince = new Array<number>(count).fill(now);
  }

  /** Monotonic time since which the taken slot has been free. */
  take(now: number): number {
    return this.#freeSince.pop() ?? now;
  }

  free(now: number): void {
    this.#freeSince.push(now);
  }
}
