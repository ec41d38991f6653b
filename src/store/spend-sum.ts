import type { Spend } from "../domain/spend.ts";
import type { Clock } from "../ports/clock.ts";

const HOUR_MS = 3_600_000;
/** Hours that are kept one by one. A day's budget needs 24; the others allow for a clock that is set back. */
const KEPT_HOURS = 48;

/** What one hour of the wall clock has used; `group` is empty for rows of no group. */
export type SpendRow = Spend & { run: number; group: string; hour: number };

/** What the writes of one transaction say that calls have used. */
export class SpendSum {
  readonly #clock: Clock;
  readonly #added = new Map<string, SpendRow>();
  /** The newest hour before which everything is folded. */
  #foldedTo = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Part of a write. */
  add(run: number, group: string | null, { tokens, nanoUsd }: Spend): void {
    const hour = hourOf(this.#clock.wall());
    const name = `${run} ${hour} ${group ?? ""}`;
    const row = this.#added.get(name) ?? { run, group: group ?? "", hour, tokens: 0, nanoUsd: 0 };
    row.tokens += tokens;
    row.nanoUsd += nanoUsd;
    this.#added.set(name, row);
  }

  /** All that was added, once. */
  take(): SpendRow[] {
    const rows = [...this.#added.values()];
    this.clear();
    return rows;
  }

  /** Forgets what a transaction added that was rolled back. */
  clear(): void {
    this.#added.clear();
  }

  /** The hour up to which is to be folded into one; null but once an hour. A run of weeks has no more rows than one of two days. */
  foldTo(): number | null {
    const to = hourOf(this.#clock.wall()) - KEPT_HOURS;
    if (to <= this.#foldedTo) return null;
    this.#foldedTo = to;
    return to;
  }
}

/** Hours of the wall clock since 1970. */
export function hourOf(wallMs: number): number {
  return Math.floor(wallMs / HOUR_MS);
}
