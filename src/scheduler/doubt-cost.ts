import type { GroupSpends, InDoubt, SpendReport } from "../domain/spend.ts";
import type { Charge } from "../domain/usage.ts";
import type { Rescue } from "../ports/store.ts";
import type { Answered } from "./answered.ts";

/** What a call to a model, as rows name it, costs at most, in whole nano-USD; null where nothing bounds it. */
export type MostCost = (model: string | null, charge: Charge) => number | null;

/** What each of some calls in doubt was charged at most. */
function chargeOfEach({ calls, inputTokens, outputTokens }: InDoubt): Charge {
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

/** The report as budgets take it: calls in doubt whose answers nothing bounds are taken to have the mean length. */
export function boundedDoubts({ wallMs, ...spans }: SpendReport, answered: Answered): SpendReport {
  const bound = ({ used, inDoubt }: GroupSpends): GroupSpends => ({
    used,
    inDoubt: inDoubt.map((doubt) => ({
      ...doubt,
      outputTokens: doubt.outputTokens > 0 ? doubt.outputTokens : doubt.calls * answered.meanOutputTokens,
    })),
  });
  return { wallMs, run: bound(spans.run), hour: bound(spans.hour), day: bound(spans.day) };
}

/** What calls in doubt count for in a budget, in whole nano-USD: the mean where their most isn't known. */
export function budgetedDoubt(doubt: InDoubt, mostCost: MostCost, answered: Answered): number {
  const each = mostCost(doubt.model, chargeOfEach(doubt));
  return doubt.calls * (each ?? answered.meanNanoUsd);
}
