import { type QuotaWindow, ROUNDING, type WindowSpan } from "./quota-window.ts";

/** A counter that goes back to zero at every whole span since the start. */
export class FixedWindow implements QuotaWindow {
  readonly #perMs: number;
  readonly #spanMs: number;
  #limit: number;
  #used = 0;
  #windowStart: number;

  constructor({ limit, perMs, spanMs }: WindowSpan, now: number) {
    this.#limit = limit;
    this.#perMs = perMs;
    this.#spanMs = spanMs;
    this.#windowStart = now;
  }

  waitMs(cost: number, now: number): number {
    if (cost > this.#limit) return Infinity;
    if (cost === 0) return 0;
    const missing = Math.min(cost, this.#capacity) - this.remaining(now);
    return missing <= ROUNDING ? 0 : this.#untilFreed(missing, now);
  }

  spend(cost: number, now: number): void {
    this.#roll(now);
    this.#used += cost;
  }

  remaining(now: number): number {
    this.#roll(now);
    return this.#capacity - this.#used;
  }

  resetMs(now: number): number {
    this.#roll(now);
    return this.#used === 0 ? 0 : this.#untilFreed(this.#used, now);
  }

  setLimit(limit: number, now: number): void {
    this.#roll(now);
    this.#limit = limit;
  }

  get #capacity(): number {
    return (this.#limit * this.#spanMs) / this.#perMs;
  }

  /** Each new window pays off one capacity. */
  #untilFreed(units: number, now: number): number {
    const windows = Math.ceil(units / this.#capacity - ROUNDING);
    return this.#windowStart + windows * this.#spanMs - now;
  }

  #roll(now: number): void {
    const windows = Math.floor((now - this.#windowStart + ROUNDING) / this.#spanMs);
    if (windows <= 0) return;
    this.#windowStart += windows * this.#spanMs;
    this.#used = Math.max(0, this.#used - windows * this.#capacity);
  }
}
