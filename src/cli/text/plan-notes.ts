import type { Plan } from "../../app/plan/plan.ts";
import { totalOf } from "../../app/plan/plan-total.ts";
import { usdText } from "../../domain/nano-usd.ts";
import { counted, grouped } from "./numbers.ts";

/** What was told before the plan was made. */
export interface Told {
  /** What a call is taken to last. */
  latencyMs: number;
  /** Whether a provider was named. */
  isProviderTold: boolean;
  /** Whether rows may get answers without a call of their own. */
  isShared: boolean;
  /** The bound of the run's cost, in nano-USD. */
  maxCost: number | null;
}

/** What is to be known beside the figures. */
export function planNotes(plan: Plan, told: Told): string[] {
  return [
    ...plan.notes,
    ...budgetNotes(plan, told),
    ...(told.isShared ? ["every row is taken to be sent: --dedupe and --reuse may spare calls"] : []),
    ...(plan.isPaced ? [] : ["no limits were told: with --rpm, --tpm, … the time is that under your quota"]),
  ];
}

/** Where the run will stop, if that is before its end. */
function budgetNotes({ rows, badRows, models }: Plan, { maxCost }: Told): string[] {
  const { cost } = totalOf(models);
  if (maxCost === null || cost === null || cost.typical <= maxCost) return [];
  const sent = Math.floor(((rows - badRows) * maxCost) / cost.typical);
  return [
    `--max-cost ${usdText(maxCost)} stops the run after about ${grouped(sent)} of ${counted(rows, "row")}`,
  ];
}
