import { ExpiryLog } from "./expiry-log.ts";
import { type QuotaWindow, ROUNDING, type WindowSpan } from "./quota-window.ts";

/** An exact log: whatever was taken counts for one span from then on. */
export class SlidingWindow implements QuotaWindow {
  readonly #perMs: number;
  readonly #spanMs: number;
  readonly #taken = new ExpiryLog();
  #limit: number;

  constructor({ limit, perMs, spanMs }: WindowSpan) {
    this.#limit = limit;
    this.#perMs = perMs;
    this.#spanMs = spanMs;
  }

  waitMs(cost: number, now: number): number {
    if (cost > this.#limit) return Infinity;
    if (cost === 0) return 0;
    const missing = Math.min(cost, this.#capacity) - this.remaining(now);
    return missing <= ROUNDING ? 0 : this.#taken.freedAt(missing - ROUNDING) - now;
  }

  spend(cost: number, now: number): void {
    this.#taken.expire(now);
    if (cost === 0) return;
    const spans = Math.max(1, cost / this.#capacity);
    this.#taken.add(now + spans * this.#spanMs, cost);
  }

  remaining(now: number): number {
    this.#taken.expire(now);
    return this.#capacity - this.#taken.sum;
  }

  resetMs(now: number): number {
    this.#taken.expire(now);
    return this.#taken.count === 0 ? 0 : this.#taken.lastExpiry - now;
  }

  setLimit(limit: number): void {
    this.#limit = limit;
  }

  get #capacity(): number {
    return (this.#limit * this.#spanMs) / this.#perMs;
  }
}
