const SLOT_MS = 1_000;
const SLOTS = 10;

/** Counts events of the last ten seconds: long enough to be steady, short enough to follow a doubling. */
export class Meter {
  readonly #counts = new Array<number>(SLOTS).fill(0);
  readonly #startedAt: number;
  #slot = 0;

  constructor(now: number) {
    this.#startedAt = now;
  }

  add(count: number, now: number): void {
    this.#advance(now);
    this.#counts[this.#slot % SLOTS]! += count;
  }

  /** Events per minute over the last ten seconds, or since the start, but never over less than a second. */
  perMinute(now: number): number {
    this.#advance(now);
    const sum = this.#counts.reduce((total, count) => total + count, 0);
    const sinceSlotMs = now - this.#startedAt - this.#slot * SLOT_MS;
    const spanMs = Math.min(now - this.#startedAt, (SLOTS - 1) * SLOT_MS + sinceSlotMs);
    return (Math.max(0, sum) * 60_000) / Math.max(SLOT_MS, spanMs);
  }

  #advance(now: number): void {
    const slot = Math.floor((now - this.#startedAt) / SLOT_MS);
    for (let i = Math.max(this.#slot + 1, slot - SLOTS + 1); i <= slot; i++) this.#counts[i % SLOTS] = 0;
    this.#slot = Math.max(this.#slot, slot);
  }
}
