/** Seconds, as the OpenTelemetry conventions advise. */
export const SECONDS: readonly number[] = Array.from({ length: 14 }, (_, at) => 2 ** at / 100);

/** Tokens, as they advise. */
export const TOKENS: readonly number[] = Array.from({ length: 14 }, (_, at) => 4 ** at);

/** Counts values by buckets. Several values are counted for each call, and a client library takes 2 us for one. */
export class Bucketed {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  sum = 0;
  count = 0;

  /** @param bounds ascending */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Array<number>(bounds.length).fill(0);
  }

  add(value: number): void {
    this.sum += value;
    this.count += 1;
    let at = 0;
    while (at < this.#bounds.length && value > this.#bounds[at]!) at += 1;
    if (at < this.#bounds.length) this.#counts[at]! += 1;
  }

  /** How many values were no larger than each bound. */
  upTo(): readonly [bound: string, count: number][] {
    let below = 0;
    const bounded = this.#bounds.map((bound, at): [string, number] => {
      below += this.#counts[at]!;
      return [String(bound), below];
    });
    return [...bounded, ["+Inf", this.count]];
  }
}
