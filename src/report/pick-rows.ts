import type { OutlineRow } from "../ports/results.ts";

/** Which rows of a run a page shows, by their numbers. */
export interface Picked {
  /** All failures that fit. */
  failed: readonly number[];
  /** Slowest first. */
  slowest: readonly number[];
  /** Dearest first. */
  dearest: readonly number[];
  /** Of all rows, in equal steps; every row of a run that is small enough. */
  spread: readonly number[];
}

export interface PickLimits {
  /** Rows of the run. */
  total: number;
  /** Rows of each of `failed` and `spread` at most. */
  rows: number;
  /** Rows of each of `slowest` and `dearest` at most. */
  extremes: number;
}

/** Picks rows as they pass by, in memory that doesn't grow with the run. */
export class RowPicker {
  readonly #limits: PickLimits;
  readonly #step: number;
  readonly #failed: number[] = [];
  readonly #spread: number[] = [];
  readonly #slowest: Extremes;
  readonly #dearest: Extremes;
  #seen = 0;

  constructor(limits: PickLimits) {
    this.#limits = limits;
    this.#step = Math.max(1, Math.ceil(limits.total / Math.max(1, limits.rows)));
    this.#slowest = new Extremes(limits.extremes);
    this.#dearest = new Extremes(limits.extremes);
  }

  add({ id, state, latencyMs, costUsd }: OutlineRow): void {
    if (state === "failed" && this.#failed.length < this.#limits.rows) this.#failed.push(id);
    if (this.#seen++ % this.#step === 0 && this.#spread.length < this.#limits.rows) this.#spread.push(id);
    this.#slowest.add(id, latencyMs ?? 0);
    this.#dearest.add(id, costUsd ?? 0);
  }

  get picked(): Picked {
    return {
      failed: this.#failed,
      slowest: this.#slowest.ids,
      dearest: this.#dearest.ids,
      spread: this.#spread,
    };
  }
}

/** The largest few of many values; what is 0 is none. */
class Extremes {
  readonly #most: number;
  readonly #entries: { id: number; value: number }[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  add(id: number, value: number): void {
    const isFull = this.#entries.length === this.#most;
    if (value <= (isFull ? this.#entries.at(-1)!.value : 0)) return;
    const place = this.#entries.findIndex((entry) => entry.value < value);
    this.#entries.splice(place < 0 ? this.#entries.length : place, 0, { id, value });
    if (this.#entries.length > this.#most) this.#entries.pop();
  }

  get ids(): number[] {
    return this.#entries.map(({ id }) => id);
  }
}
