import { Allowance } from "./allowance.ts";

/** What is borne: so many times the share that was seen, and so much besides, as that is a guess from a few hundred calls. */
const BORNE = 1.5;
const BESIDES = 0.02;
/** As chance would have it: with 5, noise of 5 % was taken for a limit once in 20,000 calls. */
const MOST_ALLOWANCE = 8;
/** The echo of an excess is no second one. */
const ALLOWANCE_AFTER_EXCESS = 2;

/** So many times the usual distance between refusals without any, right after a cut, and they were none but the limit's. */
const SILENCE = 5;
/** So many refusals at some distance from each other, and they are still noise. */
const CONFIRMATIONS = 2;
const CONFIRMING_CALLS = 4;

/** Refusals come at any rate: as many as that are borne. */
export class Bearing {
  /** Of the calls, what is refused at any rate. */
  readonly share: number;
  #allowance: Allowance;
  /** Confirmations since the last excess; null when nothing is in question. */
  #confirmed: number | null = null;

  constructor(share: number) {
    this.share = share;
    this.#allowance = this.#allow(MOST_ALLOWANCE);
  }

  sent(): void {
    this.#allowance.sent();
  }

  bears(): boolean {
    return this.#allowance.take();
  }

  refused(gap: number): void {
    if (this.#confirmed === null || gap < CONFIRMING_CALLS) return;
    this.#confirmed += 1;
    if (this.#confirmed === CONFIRMATIONS) this.#confirmed = null;
  }

  /** More were refused than are borne, and the rate was cut. */
  exceeded(): void {
    this.#confirmed = 0;
    this.#allowance = this.#allow(ALLOWANCE_AFTER_EXCESS);
  }

  /** @param gap calls sent since the last refusal */
  isOver(gap: number): boolean {
    return this.#confirmed !== null && gap > SILENCE / this.share;
  }

  #allow(left: number): Allowance {
    return new Allowance(BORNE * this.share + BESIDES, MOST_ALLOWANCE, left);
  }
}
