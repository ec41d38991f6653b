/** Refusals that may still be borne: each call adds a part of one, up to so many, and each refusal takes one. */
export class Allowance {
  readonly #perCall: number;
  readonly #most: number;
  #left: number;

  constructor(perCall: number, most: number, left = most) {
    this.#perCall = perCall;
    this.#most = most;
    this.#left = left;
  }

  sent(): void {
    this.#left = Math.min(this.#most, this.#left + this.#perCall);
  }

  /** Returns whether there was one left. */
  take(): boolean {
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
