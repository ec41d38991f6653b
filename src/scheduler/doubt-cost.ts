import type { InDoubt } from "../domain/spend.ts";
import type { Charge } from "../domain/usage.ts";
import type { Rescue } from "../ports/store.ts";

/** What a call to a model, as rows name it, costs at most, in whole nano-USD; null where nothing bounds it. */
export type MostCost = (model: string | null, charge: Charge) => number | null;

/** What each of some calls in doubt was charged at most. */
export function chargeOfEach({ calls, inputTokens, outputTokens }: InDoubt): Charge {
  return { inputTokens: Math.ceil(inputTokens / calls), outputTokens: Math.ceil(outputTokens / calls) };
}

/**
 * The most that the calls in doubt of a rescue cost, in whole nano-USD. Null where that isn't known: nothing bounds an
 * answer, a price is missing, or they are of another run than `run`, whose prices `mostCost` doesn't tell.
 */
export function mostCostInDoubt({ inDoubt }: Rescue, run: string, mostCost: MostCost): number | null {
  let sum = 0;
  for (const doubt of inDoubt) {
    const cost = doubt.run === run ? mostCost(doubt.model, chargeOfEach(doubt)) : null;
    if (cost === null) return null;
    sum += doubt.calls * cost;
  }
  return sum;
}
