import type { QuotaReport } from "../../domain/outcome.ts";
import type { Charge } from "../../domain/usage.ts";
import { costOf, unusedOf } from "./charge.ts";
import { DayBudget, type DayBudgetState } from "./day-budget.ts";
import type { QuotaView } from "./view.ts";

const DAY_DIMENSIONS = ["requests", "tokens"] as const;

export type DayDimension = (typeof DAY_DIMENSIONS)[number];

export type DayStates = Partial<Record<DayDimension, DayBudgetState>>;

/**
 * The quotas per day the user told. Those that only headers tell are left to the provider to enforce: its refusal names the
 * moment, while a header can't tell a day that starts over from one that slides.
 */
export class DayQuotas {
  readonly #budgets: { dimension: DayDimension; budget: DayBudget }[] = [];

  constructor(limits: Partial<Record<DayDimension, number>>, saved: DayStates) {
    for (const dimension of DAY_DIMENSIONS) {
      const limit = limits[dimension];
      if (limit === undefined) continue;
      this.#budgets.push({ dimension, budget: new DayBudget(limit, saved[dimension] ?? null) });
    }
  }

  /** See `DayBudget`. */
  set part(part: number) {
    for (const { budget } of this.#budgets) budget.part = part;
  }

  /** What all processes used: what others wrote, and what was used here since the last time. */
  statesWith(shared: DayStates, now: number): DayStates {
    return Object.fromEntries(
      this.#budgets.map(({ dimension, budget }) => [
        dimension,
        budget.stateWith(shared[dimension] ?? null, now),
      ]),
    );
  }

  adopt(written: DayStates): void {
    for (const { dimension, budget } of this.#budgets) {
      const state = written[dimension];
      if (state) budget.adopt(state);
    }
  }

  /** The budget that has to be waited for longest; null when the charge may be taken. */
  longestWait(charge: Charge, now: number): { dimension: DayDimension; until: number } | null {
    let longest: { dimension: DayDimension; until: number } | null = null;
    for (const { dimension, budget } of this.#budgets) {
      const until = budget.availableAt(costOf(dimension, charge), now);
      if (until > (longest?.until ?? now)) longest = { dimension, until };
    }
    return longest;
  }

  take(charge: Charge, now: number): void {
    for (const { dimension, budget } of this.#budgets) budget.take(costOf(dimension, charge), now);
  }

  /** Gives back, or takes, the difference between what was reserved and what was used. */
  trueUp(taken: Charge, used: Charge): void {
    for (const { dimension, budget } of this.#budgets) budget.give(unusedOf(dimension, taken, used));
  }

  hear(report: QuotaReport, now: number): void {
    this.#budgets.find(({ dimension }) => dimension === report.dimension)?.budget.report(report, now);
  }

  /** How many calls of an average charge are left for today. */
  room(average: Charge): number {
    const rooms = this.#budgets.map(
      ({ dimension, budget }) => budget.room / Math.max(1, costOf(dimension, average)),
    );
    return Math.min(...rooms);
  }

  views(): QuotaView[] {
    return this.#budgets.map(({ dimension, budget }) => ({
      dimension,
      per: "day",
      source: "told",
      limit: budget.limit,
      level: budget.left,
      used: 1 - budget.left / budget.limit,
      resetAt: budget.resetAt,
    }));
  }
}
