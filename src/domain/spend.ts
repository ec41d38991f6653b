import { OUTCOME_RULES, type Outcome } from "./outcome.ts";
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
  /** `group` is null for all groups together. Each figure is an upper bound, so those of the groups add up to more than that. */
  inDoubt: readonly (InDoubt & { group: string | null })[];
}

/** What the next rescue will add to the calls in doubt of a run that no living process works on. */
export interface Unrescued {
  /** How many calls may have been made, at most. */
  calls: number;
  /** The groups of the claimed rows; null for rows without one. */
  groups: readonly (string | null)[];
  inDoubt: GroupSpends["inDoubt"];
}

/** What a run has used since its start, and all runs of the database in the hour and the UTC day of `wallMs`. */
export interface SpendReport {
  wallMs: number;
  run: GroupSpends;
  hour: GroupSpends;
  day: GroupSpends;
}

/** What a call has used by its own account. */
export function knownSpend({ answer, costNanoUsd }: Outcome): Spend {
  if (answer === null) return { tokens: 0, nanoUsd: 0 };
  return { tokens: answer.usage.inputTokens + answer.usage.outputTokens, nanoUsd: costNanoUsd ?? 0 };
}

/**
 * What a call counts as in a budget. Of a call that was cut off the use is unknown, of others perhaps the price: both are taken as
 * estimated.
 */
export function countedSpend(outcome: Outcome, estimate: Spend): Spend {
  if (OUTCOME_RULES[outcome.kind].maybeBilled) return estimate;
  const { tokens, nanoUsd } = knownSpend(outcome);
  const isUnpriced = outcome.answer !== null && outcome.costNanoUsd === null;
  return { tokens, nanoUsd: isUnpriced ? estimate.nanoUsd : nanoUsd };
}
