/** Calls sent, and those of them that were refused. */
export class Tally {
  #sent = 0;
  #refused = 0;

  get refused(): number {
    return this.#refused;
  }

  get share(): number {
    return this.#refused / Math.max(1, this.#sent);
  }

  addSent(): void {
    this.#sent += 1;
  }

  addRefused(): void {
    this.#refused += 1;
  }
}
