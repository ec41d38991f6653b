import type { Percentiles } from "../../domain/histogram.ts";
import type { JobCounts } from "../../domain/job.ts";
import { dollars } from "../../domain/nano-usd.ts";
import { hasAnswers, type RunStatus } from "../../observe/status.ts";
import { type Field, fieldLines } from "../text/fields.ts";
import { type Line, span } from "../text/line.ts";
import { mostTokens } from "../text/most-tokens.ts";
import { compact, counted, grouped, percent } from "../text/numbers.ts";
import { spanText } from "../text/times.ts";
import { padTo } from "../text/width.ts";

const PERCENTILE_COLUMNS = 8;

/** What became of the rows: `396 of 400 succeeded, 4 failed`. */
export function rowsField({ jobs }: RunStatus): Field {
  return { label: "rows", items: countItems(jobs), separator: ", " };
}

function countItems({ succeeded, failed, cancelled, pending, running, total }: JobCounts): Line[] {
  const left = pending + running;
  const isWhole = succeeded === total && total > 0;
  return [
    [span(`${grouped(succeeded)} of ${grouped(total)} succeeded`, isWhole ? "good" : "plain")],
    ...(failed > 0 ? [[span(`${grouped(failed)} failed`, "bad")]] : []),
    ...(cancelled > 0 ? [[span(`${grouped(cancelled)} cancelled`)]] : []),
    ...(left > 0 ? [[span(`${grouped(left)} left`)]] : []),
  ];
}

/** What needed no call, calls, tokens, cost and percentiles; what wasn't asked for or did not happen is left out. */
export function figureLines(status: RunStatus, columns: number | null): Line[] {
  const always = [...sharedFields(status), ...schemaFields(status)];
  const fields = status.attempts.total === 0 ? always : [...always, ...callFields(status)];
  const lines = fields.flatMap((field) => fieldLines(field, columns));
  return status.attempts.total === 0 ? lines : [...lines, ...percentileLines(status)];
}

function callFields(status: RunStatus): Field[] {
  return [callsField(status), tokensField(status), ...costFields(status)];
}

function callsField({ attempts, rate }: RunStatus): Field {
  const { total, retried, throttled, in_doubt } = attempts;
  const refused = `${percent(rate.throttle_ratio)} refused by limits`;
  const items: Line[] = [
    [span(grouped(total))],
    [span(`${grouped(retried)} failed and tried again`)],
    [span(refused, throttled > 0 ? "notable" : "plain")],
    ...(in_doubt > 0 ? [[span(`${grouped(in_doubt)} in doubt at most`, "notable")]] : []),
  ];
  return { label: "calls", items };
}

/** Rows that were answered without a call of their own. */
function sharedFields({ shared: { dedupe, reuse } }: RunStatus): Field[] {
  const items: Line[] = [];
  if (dedupe > 0) items.push([span(`${grouped(dedupe)} with another row's answer (--dedupe)`)]);
  if (reuse > 0) items.push([span(`${grouped(reuse)} with an earlier run's (--reuse)`)]);
  return items.length === 0 ? [] : [{ label: "not sent", items }];
}

function schemaFields({ schema }: RunStatus): Field[] {
  if (schema === null || schema.ratio === null) return [];
  const { fit, answers, ratio } = schema;
  const text = `${grouped(fit)} of ${counted(answers, "answer")} fit (${percent(ratio)})`;
  return [{ label: "schema", items: [[span(text, ratio < 1 ? "notable" : "plain")]] }];
}

function tokensField({ tokens, cut_off }: RunStatus): Field {
  const cached = tokens.cached_input > 0 ? ` (${compact(tokens.cached_input)} cached)` : "";
  const items: Line[] = [
    [span(`${compact(tokens.input)} in${cached}`)],
    [span(`${compact(tokens.output)} out`)],
    ...(cut_off.tokens > 0 ? [cutOffItem(compact(cut_off.tokens))] : []),
  ];
  return { label: "tokens", items };
}

function costFields(status: RunStatus): Field[] {
  const { cost_usd, cut_off, attempts, in_doubt } = status;
  const hasCost = hasAnswers(status) || cut_off.cost_usd || attempts.in_doubt > 0;
  if (!hasCost) return [];
  const known =
    cost_usd === null ? `unknown: no price is known for ${unpricedText(status)}` : dollars(cost_usd);
  const items: Line[] = [[span(known)]];
  if (cut_off.cost_usd) items.push(cutOffItem(dollars(cut_off.cost_usd)));
  if (attempts.in_doubt > 0) items.push([span(doubtText(in_doubt), "notable")]);
  return [{ label: "cost", items }];
}

function unpricedText({ unpriced, attempts }: RunStatus): string {
  if (unpriced >= attempts.succeeded) return "the model";
  return `${grouped(unpriced)} of ${counted(attempts.succeeded, "answer")}`;
}

/** Without it a budget would be used up by more than the figures tell. */
function cutOffItem(counted: string): Line {
  return [span(`and ${counted} counted for calls cut off`, "notable")];
}

function doubtText(inDoubt: RunStatus["in_doubt"]): string {
  const sum = (of: (some: RunStatus["in_doubt"][number]) => number): number =>
    inDoubt.reduce((total, some) => total + of(some), 0);
  const calls = counted(
    sum((some) => some.calls),
    "call",
  );
  const tokens = mostTokens(
    sum((some) => some.input_tokens),
    sum((some) => some.output_tokens),
  );
  return `and what ${calls} in doubt cost: ${tokens}`;
}

/** Rows of call, wait and both; a dash where nothing was measured. */
function percentileLines({ latency_ms, wait_ms, total_ms }: RunStatus): Line[] {
  const cells = (texts: readonly string[]): string =>
    texts.map((text) => padTo(text, PERCENTILE_COLUMNS, "right")).join("");
  const row = (label: string, { p50, p95, p99 }: Percentiles): Line => [
    span(`  ${padTo(label, 7)}`, "faint"),
    span(cells([p50, p95, p99].map((ms) => (ms === null ? "-" : spanText(ms))))),
  ];
  return [
    [span(`  ${padTo("time", 7)}${cells(["p50", "p95", "p99"])}`, "faint")],
    row("call", latency_ms),
    row("wait", wait_ms),
    row("total", total_ms),
  ];
}
