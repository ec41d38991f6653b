import { Growth, type GrowthState } from "./growth.ts";
import { OverloadCap } from "./overload.ts";
import type { RateLawState } from "./rate-law.ts";

export interface InFlightState {
  growth: GrowthState | null;
  overload: RateLawState | null;
}

interface InFlightOptions {
  /** The most calls in flight, whatever is learned. */
  ceiling: number;
  share: number;
  /** Whether to search for the number, because nobody knows a limit. */
  search: boolean;
  now: number;
  saved: InFlightState | null;
}

/** How fast the memory of the busiest moment fades: to a third in this time. */
const BUSY_MEMORY_MS = 60_000;

/** The calls in flight, and how many there may be. */
export class InFlight {
  /** The part of the ceiling that is this process's, 0 to 1. */
  part = 1;
  #count = 0;
  /** The most calls that were in flight lately: an overload may strike while few are. */
  #busiest = 0;
  readonly #ceiling: number;
  readonly #share: number;
  readonly #overload: OverloadCap;
  #growth: Growth | null;

  constructor({ ceiling, share, search, now, saved }: InFlightOptions) {
    this.#ceiling = ceiling;
    this.#share = share;
    this.#overload = new OverloadCap(saved?.overload ?? null);
    this.#growth = search ? new Growth(now, saved?.growth ?? null) : null;
  }

  get count(): number {
    return this.#count;
  }

  get limit(): number {
    const ceiling = Math.max(1, Math.floor(this.#ceiling * this.part));
    return Math.min(ceiling, this.#overload.size, this.#searchedLimit());
  }

  /** The part of the ceiling that is in use. */
  get inUse(): number {
    return this.#count / this.#ceiling;
  }

  get searching(): boolean {
    return this.#growth !== null;
  }

  get state(): InFlightState {
    return { growth: this.#growth?.state ?? null, overload: this.#overload.state };
  }

  advance(elapsedMs: number): void {
    if (elapsedMs > 0) this.#busiest *= Math.exp(-elapsedMs / BUSY_MEMORY_MS);
    this.#overload.advance(elapsedMs);
  }

  /** Whether one more has to wait for a completion. */
  isFull(): boolean {
    const full = this.#count >= this.limit;
    if (full) this.#growth?.reached();
    return full;
  }

  started(): void {
    this.#count++;
    this.#busiest = Math.max(this.#busiest, this.#count);
  }

  ended(): void {
    this.#count--;
  }

  answered(admittedAt: number, now: number): void {
    this.#overload.answered(admittedAt);
    this.#growth?.answered(now);
  }

  failed(): void {
    this.#growth?.failed();
  }

  overloaded(admittedAt: number, now: number): void {
    this.#overload.overloaded(admittedAt, now, this.#busiest);
  }

  /** A rate is known now, which bounds the calls in flight better than their number. */
  endSearch(): void {
    this.#growth = null;
  }

  /** The search ignores `--share`, to find what the endpoint takes in all; only the share of what it found is used. */
  #searchedLimit(): number {
    if (!this.#growth) return Number.POSITIVE_INFINITY;
    return this.#growth.settled
      ? Math.max(1, Math.floor(this.#growth.size * this.#share))
      : this.#growth.size;
  }
}
