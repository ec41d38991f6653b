import { Tally } from "./tally.ts";

/** Refusals at this part of the rate at which they began, or below, speak against the rate as their cause. */
const LOW = 0.5;

/** Two refusals in a row with no more calls between them are a limit that is used up or far exceeded: noise isn't as dense. */
const DENSE_CALLS = 2;
const DENSE_REFUSALS = 2;

/** The shares refused at a low rate that are worth a trial: less costs little, more is an outage. */
const LEAST_SHARE = 0.005;
const MOST_SHARE = 0.2;

/** Cuts, each of which was followed by a refusal all the same. */
export class Falling {
  /** The rate that was refused first. */
  readonly top: number;
  /** The rate that was refused first, or by the last dense refusals: no lower one has been seen to be too high. */
  #from: number;
  #rate: number;
  #dense = 0;
  /** What was sent at a low rate. */
  #low = new Tally();

  constructor(rate: number) {
    this.top = rate;
    this.#from = rate;
    this.#rate = rate;
  }

  get low(): Tally {
    return this.#low;
  }

  sent(): void {
    if (this.#isLow) this.#low.addSent();
  }

  /** @param gap calls sent since the refusal before */
  refused(gap: number): void {
    if (this.#isLow) this.#low.addRefused();
    this.#dense = gap <= DENSE_CALLS ? this.#dense + 1 : 0;
    if (this.#dense < DENSE_REFUSALS) return;
    this.#from = this.#rate;
    this.#low = new Tally();
  }

  refusedAt(rate: number, gap: number): void {
    this.#rate = rate;
    this.refused(gap);
  }

  /** Whether so many refusals at a low rate say that going back to the top is worth a trial. */
  isFutile(evidence: number): boolean {
    const { refused, share } = this.#low;
    return this.#isLow && refused >= evidence && share >= LEAST_SHARE && share <= MOST_SHARE;
  }

  get #isLow(): boolean {
    return this.#rate <= LOW * this.#from;
  }
}
