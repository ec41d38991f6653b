import type { ForecastResult } from "../../control/forecast.ts";
import type { CostRange, ModelPlan } from "./model-tally.ts";

/** Figures of all models of a run together. */
export interface PlanTotal {
  calls: number;
  countedCalls: number;
  inputTokens: number;
  outputTokens: number;
  /** Null where some model's cost isn't known. */
  cost: CostRange | null;
  priceSources: readonly string[];
  /** The models whose cost isn't known. */
  unpriced: readonly string[];
  /** That of the model that takes longest: they are sent to side by side. Null where nothing is sent. */
  slowest: ForecastResult | null;
}

export function totalOf(models: readonly ModelPlan[]): PlanTotal {
  const sum = (figure: (model: ModelPlan) => number): number =>
    models.reduce((total, model) => total + figure(model), 0);
  return {
    calls: sum(({ calls }) => calls),
    countedCalls: sum(({ countedCalls }) => countedCalls),
    inputTokens: sum(({ inputTokens }) => inputTokens),
    outputTokens: sum(({ outputTokens }) => outputTokens),
    cost: models.reduce<CostRange | null>((total, { cost }) => total && cost && addCost(total, cost), {
      least: 0,
      typical: 0,
      most: 0,
    }),
    priceSources: [...new Set(models.flatMap(({ price }) => price?.source ?? []))],
    unpriced: models.filter(({ cost }) => cost === null).map(({ model }) => model),
    slowest: models.reduce<ForecastResult | null>(
      (slowest, { forecast }) => (slowest && slowest.durationMs >= forecast.durationMs ? slowest : forecast),
      null,
    ),
  };
}

function addCost(a: CostRange, b: CostRange): CostRange {
  return {
    least: a.least + b.least,
    typical: a.typical + b.typical,
    most: a.most === null || b.most === null ? null : a.most + b.most,
  };
}
