import type { CostRange, ModelPlan } from "../../app/plan/model-tally.ts";
import type { Plan } from "../../app/plan/plan.ts";
import { type PlanTotal, totalOf } from "../../app/plan/plan-total.ts";
import { formatDuration } from "../../domain/duration.ts";
import { usdText } from "../../domain/nano-usd.ts";
import { WAIT_WORDS } from "../progress/wait-text.ts";
import { fieldLines, type LabelColumn, textLines } from "./fields.ts";
import { type Line, span } from "./line.ts";
import { compact, counted, grouped } from "./numbers.ts";
import { planNotes, type Told } from "./plan-notes.ts";
import { type Column, tableLines } from "./table.ts";

/** Models that are named where many have no price. */
const SHOWN_UNPRICED = 5;

const LABELS: LabelColumn = { indent: "", columns: 9 };
const COLUMNS: readonly Column[] = [
  { title: "endpoint", rank: 3 },
  { title: "model", isFlexible: true },
  { title: "calls", side: "right" },
  { title: "in", side: "right", rank: 1 },
  { title: "out", side: "right", rank: 2 },
  { title: "cost", side: "right" },
  { title: "time", side: "right" },
];

/**
 * A plan for people.
 * @param columns of the window; null breaks no line
 */
export function planLines(plan: Plan, told: Told, columns: number | null): Line[] {
  const { models } = plan;
  const total = totalOf(models);
  const fields = planFields(plan, total, told);
  const notes = planNotes(plan, told);
  return [
    ...fields.flatMap(([label, text]) => fieldLines({ label, items: [[span(text)]] }, columns, LABELS)),
    ...notes.flatMap((note) => textLines([span(note, "notable")], columns)),
    ...(models.length > 1 ? [[], ...modelTable(models, columns)] : []),
  ];
}

function planFields(
  { rows, badRows }: Plan,
  total: PlanTotal,
  { latencyMs, isProviderTold }: Told,
): (readonly [label: string, text: string])[] {
  const { calls, cost, unpriced, priceSources, slowest } = total;
  const bad = badRows > 0 ? `, ${grouped(badRows)} of them bad` : "";
  const time = `about ${formatDuration(slowest?.durationMs ?? 0)} (at ${formatDuration(latencyMs)} a call)`;
  const bound = slowest?.waits[0];
  return [
    ["rows", `${grouped(rows)}${bad}`],
    ...(calls === rows - badRows ? [] : [["calls", grouped(calls)] as const]),
    ["tokens", tokensText(total)],
    ["cost", cost ? costText(cost) : unknownText(unpriced, isProviderTold)],
    ...(priceSources.length > 0 ? [["prices", priceSources.join(", ")] as const] : []),
    ["time", time],
    ...(bound ? [["bound by", WAIT_WORDS[bound.reason] ?? bound.reason] as const] : []),
  ];
}

function tokensText({ calls, countedCalls, inputTokens, outputTokens }: PlanTotal): string {
  const perAnswer = calls > 0 ? Math.round(outputTokens / calls) : 0;
  const isCounted = calls > 0 && countedCalls === calls;
  const input = `${isCounted ? "" : "about "}${compact(inputTokens)} in`;
  const how = isCounted
    ? " (counted)"
    : countedCalls > 0
      ? ` (${grouped(countedCalls)} of ${counted(calls, "call")} counted)`
      : "";
  return `${input}${how}, ${compact(outputTokens)} out (at ${perAnswer} an answer)`;
}

function costText({ least, typical, most }: CostRange): string {
  const bound = most === null ? "without --max-tokens nothing bounds it" : `at most ${usdText(most)}`;
  return `about ${usdText(typical)}: ${usdText(least)} for the input alone, ${bound}`;
}

function unknownText(unpriced: readonly string[], isProviderTold: boolean): string {
  const named = unpriced.slice(0, SHOWN_UNPRICED).join(", ");
  const more = unpriced.length > SHOWN_UNPRICED ? ` and ${unpriced.length - SHOWN_UNPRICED} more` : "";
  const give = isProviderTold ? "give the price with" : "give --provider, or the price with";
  return `unknown: no price is known for ${named}${more}; ${give} --price-file`;
}

function modelTable(models: readonly ModelPlan[], columns: number | null): Line[] {
  return tableLines(
    COLUMNS,
    models.map(({ endpoint, model, calls, inputTokens, outputTokens, cost, forecast }) => [
      endpoint,
      model,
      grouped(calls),
      compact(inputTokens),
      compact(outputTokens),
      cost ? usdText(cost.typical) : "unknown",
      formatDuration(forecast.durationMs),
    ]),
    columns,
  );
}
