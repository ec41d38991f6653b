import type { GroupBudgets } from "../../config/budgets.ts";
import type { RunOptions } from "../../config/run-options.ts";
import { LIMIT_NAMES, LIMITS, type LimitName } from "../../control/budget/limit.ts";
import { LlmBatchError } from "../../domain/errors.ts";
import { kebab } from "../../domain/kebab.ts";
import { modelSent } from "../../domain/model-sent.ts";
import { type RequestSettings, type Target, targetsOf } from "../../domain/request.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Budgets } from "../../scheduler/budget-watch.ts";
import type { Outlet } from "../../scheduler/outlet.ts";
import { byModelSent } from "./outlets.ts";
import { mostCosting, pricesFor } from "./prices.ts";

/** What calls of rows cost at most, by the models that the rows name. */
type PricedOutlet = Pick<Outlet, "models" | "mostCost">;

/**
 * What a run and its groups may use.
 * @param outlets of the run; may be filled after the call, before the first question
 */
export function budgetsOf(options: RunOptions, outlets: readonly PricedOutlet[]): Budgets {
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
 * Budgets of groups would limit nothing where rows have no groups.
 * @param budgetBy what the rows are grouped by; null for nothing
 * @throws LlmBatchError BAD_OPTION
 */
export function refuseIdleBudgets({ groups, others }: GroupBudgets, budgetBy: unknown): void {
  if (budgetBy !== null || (groups.size === 0 && Object.keys(others).length === 0)) return;
  throw new LlmBatchError({
    code: "BAD_OPTION",
    message: "budgets: they are of groups, and the rows have none",
    hint: "`llm-batch run` groups rows by --budget-by FIELD as it reads them; a limit of all of them is e.g. --max-cost 5",
  });
}

/** What the calls of a run cost, known without the keys that it takes to make them. */
export async function pricedOutlets(
  request: RequestSettings,
  options: RunOptions,
  models: readonly (string | null)[],
  clock: Clock,
): Promise<PricedOutlet[]> {
  const prices = await pricesFor(request, options);
  if (prices === null) return [];
  return targetsOf(request).flatMap((target) =>
    [...byModelSent(target, models)].map(([model, served]) => ({
      models: served,
      mostCost: mostCosting(prices, { target, model, tier: request.serviceTier }, clock),
    })),
  );
}

/**
 * A limit on cost can't be kept where a call's cost is never known.
 * @throws LlmBatchError UNKNOWN_PRICE
 */
export function refuseUnpriced(budgets: Budgets, outlets: readonly Outlet[]): void {
  const limit = costLimitOf(budgets);
  const unpriced = outlets.filter(({ mostCost }) => mostCost === null).map(({ provider }) => provider);
  if (limit !== null && unpriced.length > 0) throw unknownPrice(limit, unpriced);
}

/**
 * The same for a run that is only being imported: what is given checks each model that its rows name (null for none).
 * @throws LlmBatchError FILE_UNREADABLE, BAD_PRICE_FILE
 */
export async function compilePriceCheck(
  request: RequestSettings,
  options: RunOptions,
  clock: Clock,
): Promise<(model: string | null) => void> {
  const limit = costLimitOf(budgetsOf(options, []));
  if (limit === null) return () => {};
  const prices = await pricesFor(request, options);
  const isPriced = (target: Target, model: string | null): boolean =>
    prices !== null && mostCosting(prices, { target, model, tier: request.serviceTier }, clock) !== null;
  return (named) => {
    const asked = targetsOf(request).flatMap((target) => {
      const model = modelSent(target, named);
      return model === undefined || isPriced(target, model) ? [] : [{ name: target.name, model }];
    });
    if (asked.length > 0) throw unknownPrice(limit, asked);
  };
}

function unknownPrice(
  limit: LimitName,
  unpriced: readonly { name: string; model: string | null }[],
): LlmBatchError {
  const models = unpriced.map(({ name, model }) => (model === null ? name : `${model} at ${name}`));
  return new LlmBatchError({
    code: "UNKNOWN_PRICE",
    message: `--${kebab(limit)} can't be kept: no price is known for ${models.join(", ")}`,
    hint: "give its price with --price-file, name the provider (--provider) if this is its gateway, or limit tokens instead, e.g. --max-total-tokens 1_000_000",
  });
}

function costLimitOf({ run, others, groups }: Budgets): LimitName | null {
  const budgets = [run, others, ...groups.values()];
  const isSet = (name: LimitName): boolean => budgets.some((limits) => (limits[name] ?? null) !== null);
  return LIMIT_NAMES.find((name) => LIMITS[name].measure === "nanoUsd" && isSet(name)) ?? null;
}
