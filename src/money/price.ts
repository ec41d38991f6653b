import type { Charge, Usage } from "../domain/usage.ts";
import { costOf, mostCostOf, type Rates } from "./rates.ts";

/** What calls to a model cost at one time and on one service tier. */
export interface Price {
  /** Who says so: `genai-prices 0.1.8`, or the path of a price file. */
  source: string;
  /** The model as the source names it, e.g. `gpt-4.1` for `gpt-4.1-2025-04-14`. */
  model: string;
  /** False where output has no price: the model makes none, as an embedding model. */
  hasOutput: boolean;
  /** What a call cost, in whole nano-USD; null where the price says nothing of what it used. */
  cost(usage: Usage): number | null;
  /**
   * The most that a call may cost, in whole nano-USD. `outputTokens` is `max_tokens`, or 0 where that isn't set: then
   * nothing bounds the answer, and it is null.
   */
  mostCost(charge: Charge): number | null;
}

export function createPrice(source: string, model: string, rates: Rates): Price {
  return {
    source,
    model,
    hasOutput: rates.output !== null,
    cost: (usage) => costOf(rates, usage),
    mostCost: (charge) => mostCostOf(rates, charge),
  };
}
