import { ROUNDING } from "./quota-window.ts";

/** Amounts that stop counting at a known time, oldest first; their number and sum are always at hand. */
export class ExpiryLog {
  #expiries: number[] = [];
  #amounts: number[] = [];
  #head = 0;
  #sum = 0;

  get sum(): number {
    return this.#sum;
  }

  get count(): number {
    return this.#expiries.length - this.#head;
  }

  /** When the last amount stops counting; -Infinity when there is none. */
  get lastExpiry(): number {
    return this.#expiries.at(-1) ?? -Infinity;
  }

  /** Adds an amount that counts until `expiresAt`, or as long as the one before it where that is later. */
  add(expiresAt: number, amount: number): void {
    this.#expiries.push(Math.max(expiresAt, this.lastExpiry));
    this.#amounts.push(amount);
    this.#sum += amount;
  }

  /** Forgets what no longer counts at `now`. */
  expire(now: number): void {
    while (this.#head < this.#expiries.length && this.#expiries[this.#head]! <= now + ROUNDING) {
      this.#sum -= this.#amounts[this.#head]!;
      this.#head++;
    }
    if (this.#head === this.#expiries.length) this.#sum = 0;
    if (this.#head > 1_000 && this.#head * 2 > this.#expiries.length) this.#compact();
  }

  /** The first time at which amounts of `needed` in all have stopped counting. */
  freedAt(needed: number): number {
    let freed = 0;
    for (let i = this.#head; i < this.#amounts.length; i++) {
      freed += this.#amounts[i]!;
      if (freed >= needed) return this.#expiries[i]!;
    }
    return this.lastExpiry;
  }

  #compact(): void {
    this.#expiries = this.#expiries.slice(this.#head);
    this.#amounts = this.#amounts.slice(this.#head);
    this.#head = 0;
  }
}
