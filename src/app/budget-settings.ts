import type { RunOptions } from "../config/run-options.ts";
import { type BudgetLimits, LIMIT_NAMES, LIMITS } from "../control/budget-limit.ts";
import { LlmBatchError } from "../domain/errors.ts";
import { kebab } from "../domain/kebab.ts";
import type { Budgets } from "../scheduler/budget-watch.ts";
import type { Outlet } from "../scheduler/outlet.ts";

/**
 * What a run and its groups may use.
 * @param outlets of the run; may be filled after the call, before the first question
 */
export function budgetsOf(options: RunOptions, outlets: readonly Outlet[]): Budgets {
  return {
    run: Object.fromEntries(LIMIT_NAMES.map((name) => [name, options[name]])),
    ...options.budgets,
    overBudget: options.overBudget,
    mostCost: (model, charge) => {
      const serving = outlets.filter(({ models }) => models.includes(model));
      const costs = serving.map(({ mostCost }) => mostCost?.(charge) ?? null).filter((cost) => cost !== null);
      return costs.length === 0 ? null : Math.max(...costs);
    },
  };
}

/**
 * A limit on cost can't be kept where a call's cost is never known.
 * @throws LlmBatchError UNKNOWN_PRICE
 */
export function refuseUnknownPrices({ run, groups, others }: Budgets, outlets: readonly Outlet[]): void {
  const limit = costLimitIn([run, others, ...groups.values()]);
  const unpriced = outlets
    .filter(({ mostCost }) => mostCost === null)
    .map(({ provider }) => provider.endpoint);
  if (limit === undefined || unpriced.length === 0) return;
  throw new LlmBatchError({
    code: "UNKNOWN_PRICE",
    message: `--${kebab(limit)} can't be kept: no price is known for ${unpriced.join(", ")}`,
    hint: "give its price with --price-file, or limit tokens instead, e.g. --max-total-tokens 1_000_000",
  });
}

function costLimitIn(budgets: readonly BudgetLimits[]): (typeof LIMIT_NAMES)[number] | undefined {
  return LIMIT_NAMES.find(
    (name) => LIMITS[name].measure === "nanoUsd" && budgets.some((limits) => (limits[name] ?? null) !== null),
  );
}
