import type { Charge } from "./usage.ts";

/** What calls have used, or may use. */
export interface Spend {
  /** Input and output together. */
  tokens: number;
  /** Whole nano-USD; a call whose price is unknown adds nothing. */
  nanoUsd: number;
}

/** Calls to a model that may have been made and were not recorded: how many at most, and what they were charged at most. */
export interface InDoubt extends Charge {
  /** As the rows name it; null for rows that name none. */
  model: string | null;
  calls: number;
}

/** What was used in one span of time. Rows of no group have `group` null. */
export interface GroupSpends {
  used: readonly (Spend & { group: string | null })[];
  /**
   * With `group` null: of all groups together. What a group has for itself is at most as well, so groups add up to more.
   */
  inDoubt: readonly (InDoubt & { group: string | null })[];
}

/** What a run has used since its start, and all runs of the database in the hour and the UTC day of `wallMs`. */
export interface SpendReport {
  wallMs: number;
  run: GroupSpends;
  hour: GroupSpends;
  day: GroupSpends;
}
