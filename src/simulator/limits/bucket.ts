import { type QuotaWindow, ROUNDING, type WindowSpan } from "./quota-window.ts";

/** A token bucket: as deep as the span, full at the start, refilled steadily. */
export class Bucket implements QuotaWindow {
  readonly #perMs: number;
  readonly #spanMs: number;
  #limit: number;
  #used = 0;
  #updatedAt: number;

  constructor({ limit, perMs, spanMs }: WindowSpan, now: number) {
    this.#limit = limit;
    this.#perMs = perMs;
    this.#spanMs = spanMs;
    this.#updatedAt = now;
  }

  waitMs(cost: number, now: number): number {
    if (cost > this.#limit) return Infinity;
    if (cost === 0) return 0;
    const missing = Math.min(cost, this.#capacity) - this.remaining(now);
    return missing <= ROUNDING ? 0 : missing / this.#rate;
  }

  spend(cost: number, now: number): void {
    this.#refill(now);
    this.#used += cost;
  }

  remaining(now: number): number {
    this.#refill(now);
    return this.#capacity - this.#used;
  }

  resetMs(now: number): number {
    this.#refill(now);
    return this.#used === 0 ? 0 : this.#used / this.#rate;
  }

  setLimit(limit: number, now: number): void {
    this.#refill(now);
    this.#limit = limit;
  }

  get #rate(): number {
    return this.#limit / this.#perMs;
  }

  get #capacity(): number {
    return this.#rate * this.#spanMs;
  }

  #refill(now: number): void {
    this.#used = Math.max(0, this.#used - (now - this.#updatedAt) * this.#rate);
    this.#updatedAt = now;
  }
}
