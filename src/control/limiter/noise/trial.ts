import { MINUTE_MS } from "../window.ts";
import { Allowance } from "./allowance.ts";
import type { Tally } from "./tally.ts";

/** Long enough for a bucket of a minute to run empty. */
const LENGTH_MS = MINUTE_MS;
const LEAST_CALLS = 40;

/** A limit that was met refuses half of the calls, as the low rate is half of this one. */
const MOST_SHARE = 0.2;
const MOST_ALLOWANCE = 4;

/** Back at the rate from which slowing down was of no use. Are many more calls refused than at the low one, it was of use after all. */
export class Trial {
  readonly #since: number;
  readonly #allowance = new Allowance(MOST_SHARE, MOST_ALLOWANCE);
  readonly #tally: Tally;
  /** The low rate, to go back to where the trial fails. */
  readonly retreat: number;
  #calls = 0;

  constructor(low: Tally, retreat: number, now: number) {
    this.#tally = low;
    this.retreat = retreat;
    this.#since = now;
  }

  /** Of the calls at the low rate and since, at most what a trial allows. */
  get share(): number {
    return Math.min(MOST_SHARE, this.#tally.share);
  }

  sent(): void {
    this.#calls += 1;
    this.#tally.addSent();
    this.#allowance.sent();
  }

  bears(): boolean {
    return this.#allowance.take();
  }

  refused(): void {
    this.#tally.addRefused();
  }

  isOver(now: number): boolean {
    return this.#calls >= LEAST_CALLS && now >= this.#since + LENGTH_MS;
  }
}
