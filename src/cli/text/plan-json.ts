import type { CostRange } from "../../app/plan/model-tally.ts";
import type { Plan } from "../../app/plan/plan.ts";
import { totalOf } from "../../app/plan/plan-total.ts";
import { toUsd } from "../../domain/nano-usd.ts";
import { planNotes, type Told } from "./plan-notes.ts";

/** A plan as `plan --json` prints it; `cost_usd` is null where it isn't known, and its `most` where nothing bounds it. */
export function planJson(plan: Plan, told: Told) {
  const { rows, badRows, models, requests } = plan;
  const total = totalOf(models);
  const { slowest } = total;
  return {
    rows,
    bad_rows: badRows,
    calls: total.calls,
    counted_calls: total.countedCalls,
    tokens: { input: total.inputTokens, output: total.outputTokens },
    duration_seconds: wholeSeconds(slowest?.durationMs ?? 0),
    waits: (slowest?.waits ?? []).map(({ reason, ms }) => ({ reason, seconds: Math.round(ms / 1_000) })),
    cost_usd: costJson(total.cost),
    models: models.map(({ model, endpoint, calls, inputTokens, outputTokens, cost, price, forecast }) => ({
      model,
      endpoint,
      calls,
      tokens: { input: inputTokens, output: outputTokens },
      duration_seconds: wholeSeconds(forecast.durationMs),
      cost_usd: costJson(cost),
      price,
    })),
    notes: planNotes(plan, told),
    ...(requests.length > 0 && { requests }),
  };
}

function costJson(cost: CostRange | null) {
  if (cost === null) return null;
  const { least, typical, most } = cost;
  return { least: toUsd(least), typical: toUsd(typical), most: most === null ? null : toUsd(most) };
}

function wholeSeconds(ms: number): number {
  return Math.ceil(ms / 1_000);
}
