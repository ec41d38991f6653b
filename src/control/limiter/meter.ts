const SLOT_MS = 1_000;

/** Counts events of the last seconds. */
export class Meter {
  readonly #counts: number[];
  readonly #startedAt: number;
  #slot = 0;
  #sum = 0;

  constructor(now: number, seconds: number) {
    this.#counts = new Array<number>(seconds).fill(0);
    this.#startedAt = now;
  }

  add(count: number, now: number): void {
    this.#advance(now);
    this.#counts[this.#slot % this.#counts.length]! += count;
    this.#sum += count;
  }

  /** Events per minute over the last seconds, or since the start, but never over less than a second. */
  perMinute(now: number): number {
    this.#advance(now);
    const sinceSlotMs = now - this.#startedAt - this.#slot * SLOT_MS;
    const spanMs = Math.min(now - this.#startedAt, (this.#counts.length - 1) * SLOT_MS + sinceSlotMs);
    return (Math.max(0, this.#sum) * 60_000) / Math.max(SLOT_MS, spanMs);
  }

  #advance(now: number): void {
    const slot = Math.floor((now - this.#startedAt) / SLOT_MS);
    const slots = this.#counts.length;
    for (let i = Math.max(this.#slot + 1, slot - slots + 1); i <= slot; i++) {
      this.#sum -= this.#counts[i % slots]!;
      this.#counts[i % slots] = 0;
    }
    this.#slot = Math.max(this.#slot, slot);
  }
}
