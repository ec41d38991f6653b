import { MINUTE_MS } from "./window.ts";

/**
 * How much of its quota a bucket can save up, in time. One second is enough to absorb a busy event loop, and also serves a provider that
 * enforces per second. With the headroom h of 0.98, h * (1 + 1/60) < 1: no 60 s window passes the quota.
 */
const DEPTH_MS = 1_000;

/**
 * What a bucket holds at the start. A full one would let 108 calls into the first 10 s of a provider that
 * counts over 10 s and allows 100.
 */
const START_FILL = 0.1;

/** A shortfall of less than this share of the capacity is an error of rounding. */
const ROUNDING = 1e-9;

/**
 * A quota per minute that refills evenly. The level may be negative: a call above the capacity runs when the bucket is
 * full and leaves a debt, so it is neither starved nor waited for forever.
 */
export class Bucket {
  #level: number;
  #perMs: number;
  #refilledAt: number;

  /** @param level what is left, or null for a quota that is new. */
  constructor(perMinute: number, now: number, level: number | null) {
    this.#perMs = perMinute / MINUTE_MS;
    this.#refilledAt = now;
    this.#level = level ?? this.#startLevel;
  }

  /**
   * What a process begins with at most, however much was saved up: its first calls wait for connections and then go out in a bunch.
   */
  startGently(): void {
    this.lowerTo(this.#startLevel);
  }

  get level(): number {
    return this.#level;
  }

  get capacity(): number {
    return this.#perMs * DEPTH_MS;
  }

  get #startLevel(): number {
    return Math.min(this.capacity, Math.max(1, this.capacity * START_FILL));
  }

  /** Brings the level up to `now` at a rate, which may differ each time. */
  refill(now: number, perMinute: number): void {
    this.#perMs = perMinute / MINUTE_MS;
    const elapsedMs = Math.max(0, now - this.#refilledAt);
    this.#level = Math.min(this.capacity, this.#level + elapsedMs * this.#perMs);
    this.#refilledAt = Math.max(now, this.#refilledAt);
  }

  /** Milliseconds from `now`, the time of the last refill, until `cost` may be taken; 0 for at once. */
  waitMs(cost: number, now: number): number {
    const missing = Math.min(cost, this.capacity) - this.#level;
    if (missing <= ROUNDING * this.capacity) return 0;
    return missing / this.#perMs + Math.max(0, this.#refilledAt - now);
  }

  take(units: number): void {
    this.#level -= units;
  }

  give(units: number): void {
    this.#level = Math.min(this.capacity, this.#level + units);
  }

  /** The provider says that no more than this is left: that only ever lowers a level. */
  lowerTo(remaining: number): void {
    this.#level = Math.min(this.#level, remaining);
  }

  /** Empties it until `until`, so that no burst follows a pause. */
  emptyUntil(until: number): void {
    this.lowerTo(0);
    this.#refilledAt = Math.max(this.#refilledAt, until);
  }

  /** Ends the pause of `emptyUntil` early. */
  refillFrom(now: number): void {
    this.#refilledAt = Math.min(this.#refilledAt, now);
  }
}
