import type { ClaimedJob } from "../domain/job.ts";
import type { Charge } from "../domain/usage.ts";
import type { Permit } from "./permit.ts";

/** A job at the gate. */
export interface Waiter {
  readonly job: ClaimedJob;
  readonly estimate: Charge;
  /** Null turns it away. */
  readonly resolve: (permit: Permit | null) => void;
}

/** The other places are moved up when so many are empty at the front. */
const COMPACT_AT = 1_024;

/** Jobs in the order of their coming. Adding, and taking the first, cost the same however many wait. */
export class Waiters {
  #places: (Waiter | null)[] = [];
  #front = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(waiter: Waiter): void {
    this.#places.push(waiter);
    this.#size += 1;
  }

  /** The place of the one that came first. There must be one. */
  first(): number {
    while (this.#places[this.#front] === null) this.#front += 1;
    return this.#front;
  }

  /** The place of the one with the lowest score, the first of equals. Looks at all of them. There must be one. */
  lowest(score: (waiter: Waiter) => number): number {
    let best = this.first();
    let bestScore = Number.POSITIVE_INFINITY;
    for (let place = best; place < this.#places.length; place += 1) {
      const waiter = this.#places[place]!;
      const mine = waiter ? score(waiter) : Number.POSITIVE_INFINITY;
      if (mine < bestScore) [best, bestScore] = [place, mine];
    }
    return best;
  }

  /** Who waits at a place that `first` or `lowest` gave. */
  at(place: number): Waiter {
    return this.#places[place]!;
  }

  remove(place: number): void {
    this.#places[place] = null;
    this.#size -= 1;
    if (this.#size === 0) this.#compact(this.#places.length);
    else if (this.#front >= COMPACT_AT && this.#front * 2 >= this.#places.length) this.#compact(this.#front);
  }

  /** Takes all of them out. */
  drain(): Waiter[] {
    const all = this.#places.filter((waiter) => waiter !== null);
    this.#size = 0;
    this.#compact(this.#places.length);
    return all;
  }

  #compact(empty: number): void {
    this.#places = this.#places.slice(empty);
    this.#front = 0;
  }
}
