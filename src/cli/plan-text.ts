import type { CostRange, ModelPlan } from "../app/model-tally.ts";
import type { Plan } from "../app/plan.ts";
import { type PlanTotal, totalOf } from "../app/plan-total.ts";
import { formatDuration } from "../domain/duration.ts";
import { usdText } from "../domain/nano-usd.ts";
import { printableLine } from "./printable.ts";
import { WAIT_WORDS } from "./progress/wait-text.ts";
import { table } from "./table.ts";
import { compact } from "./text/numbers.ts";

/** Models that are named where many have no price. */
const SHOWN_UNPRICED = 5;

/** A plan for people. */
export function planText({ rows, badRows, isPaced, models }: Plan, latencyMs: number): string {
  const total = totalOf(models);
  const lines = [
    `rows    ${rows}${badRows > 0 ? `, ${badRows} of them bad` : ""}`,
    total.calls === rows - badRows ? null : `calls   ${total.calls}`,
    `tokens  ${tokensText(total)}`,
    `cost    ${total.cost ? costText(total.cost) : unknownText(total.unpriced)}`,
    total.priceSources.length > 0 ? `prices  ${total.priceSources.join(", ")}` : null,
    `time    about ${formatDuration(total.slowest?.durationMs ?? 0)} (at ${formatDuration(latencyMs)} a call)`,
    boundText(total),
    isPaced ? null : "no limits were told: with --rpm, --tpm, … the time is that under your quota",
  ];
  const text = lines.flatMap((line) => (line === null ? [] : [`${printableLine(line)}\n`])).join("");
  return models.length > 1 ? `${text}\n${modelTable(models)}` : text;
}

function tokensText({ calls, countedCalls, inputTokens, outputTokens }: PlanTotal): string {
  const perAnswer = calls > 0 ? Math.round(outputTokens / calls) : 0;
  const isCounted = calls > 0 && countedCalls === calls;
  const input = `${isCounted ? "" : "about "}${compact(inputTokens)} in`;
  const how = isCounted
    ? " (counted)"
    : countedCalls > 0
      ? ` (${countedCalls} of ${calls} calls counted)`
      : "";
  return `${input}${how}, ${compact(outputTokens)} out (at ${perAnswer} an answer)`;
}

function costText({ least, typical, most }: CostRange): string {
  const bound = most === null ? "without --max-tokens nothing bounds it" : `at most ${usdText(most)}`;
  return `about ${usdText(typical)}: ${usdText(least)} for the input alone, ${bound}`;
}

function unknownText(unpriced: readonly string[]): string {
  const named = unpriced.slice(0, SHOWN_UNPRICED).join(", ");
  const more = unpriced.length > SHOWN_UNPRICED ? ` and ${unpriced.length - SHOWN_UNPRICED} more` : "";
  return `unknown: no price is known for ${named}${more}; give --provider, or the price with --price-file`;
}

function boundText({ slowest }: PlanTotal): string | null {
  const wait = slowest?.waits[0];
  return wait ? `bound by ${WAIT_WORDS[wait.reason] ?? wait.reason}` : null;
}

function modelTable(models: readonly ModelPlan[]): string {
  return table(
    ["endpoint", "model", "calls", "in", "out", "cost", "time"],
    models.map(({ endpoint, model, calls, inputTokens, outputTokens, cost, forecast }) => [
      endpoint,
      model,
      String(calls),
      compact(inputTokens),
      compact(outputTokens),
      cost ? usdText(cost.typical) : "unknown",
      formatDuration(forecast.durationMs),
    ]),
  );
}
