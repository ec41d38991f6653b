import type { ReportedHistory } from "../report-data.ts";
import { dateTime, duration, percent, plural, short, usd } from "./format.ts";
import type { PlotSpec, SeriesSpec } from "./plot-spec.ts";
import { quotaUse } from "./quota-use.ts";
import { along, sumAlong, type Timeline } from "./timeline.ts";

/** What is plotted of a run's history. */
export function plotSpecs(history: ReportedHistory, timeline: Timeline): PlotSpec[] {
  return [
    rateSpec(history, timeline, {
      id: "requests",
      title: "Calls a minute",
      unit: "calls/min",
      none: "No call was sent.",
      units: history.calls,
      limits: history.requestLimit,
      color: "accent",
    }),
    rateSpec(history, timeline, {
      id: "tokens",
      title: "Tokens a minute",
      unit: "tokens/min",
      none: "No tokens were used.",
      units: history.inputTokens.map((input, span) => input + history.outputTokens[span]!),
      limits: history.tokenLimit,
      color: "second",
    }),
    spreadSpec(history, timeline, "latency", "Latency of a call"),
    spreadSpec(history, timeline, "wait", "Wait for a limit or the breaker"),
    totalsSpec(history, timeline),
  ];
}

interface Rate {
  id: string;
  title: string;
  unit: string;
  none: string;
  units: readonly number[];
  limits: readonly (number | null)[];
  color: SeriesSpec["color"];
}

function rateSpec(history: ReportedHistory, timeline: Timeline, rate: Rate): PlotSpec {
  const { id, title, unit, units, limits, color } = rate;
  const perMinute = (span: number): number => (units[span]! * 60_000) / history.spanMs[span]!;
  const text = (value: number): string => `${short(value)} ${unit}`;
  const series: SeriesSpec[] = [
    { label: unit, color, isFilled: true, values: along(timeline, perMinute), text },
  ];
  const isLimited = limits.some((limit) => limit !== null);
  if (isLimited) {
    const values = along(timeline, (span) => limits[span] ?? null);
    series.push({ label: "limit", color: "ink", dash: "dashed", values, text: short });
  }
  return {
    id,
    title: isLimited ? `${title} against the limit` : title,
    summary: rateSummary(history, rate),
    series,
    left: short,
    hasMarks: true,
  };
}

function rateSummary(history: ReportedHistory, { unit, none, units, limits }: Rate): string {
  const use = quotaUse(history, units, limits);
  if (!use) return none;
  const share = use.share === null ? "; no limit was known" : `; ${percent(use.share)} of the limit was used`;
  const { perMinute, ms } = use.peak;
  const peak = units.length > 1 ? `, ${short(perMinute)} in the busiest ${duration(ms)}` : "";
  const pace = `${short(use.perMinute)} ${unit} on average${peak}${share}.`;
  return [pace, refusalSummary(history), breakerSummary(history)].filter(Boolean).join(" ");
}

function refusalSummary({ throttled }: ReportedHistory): string {
  const refused = throttled.reduce((sum, value) => sum + value, 0);
  return refused === 0
    ? "No call was refused by a limit."
    : `${plural(refused, "call was", "calls were")} refused by a limit.`;
}

function breakerSummary({ breaker, at, spanMs }: ReportedHistory): string {
  const open = breaker.filter(({ state }) => state === "open" || state === "blocked");
  if (open.length === 0) return "";
  const end = at.at(-1)! + spanMs.at(-1)!;
  const ms = open.reduce((sum, { from, to }) => sum + ((to ?? end) - from), 0);
  return `The breaker was open ${open.length === 1 ? "once" : `${open.length} times`}, ${duration(ms)} in all.`;
}

function spreadSpec(
  history: ReportedHistory,
  timeline: Timeline,
  what: "latency" | "wait",
  title: string,
): PlotSpec {
  const values = (percentile: "p50" | "p95" | "p99") =>
    along(timeline, (span) => history[what][span]![percentile]);
  return {
    id: what,
    title,
    summary: spreadSummary(history, what),
    series: [
      { label: "p99", color: "third", dash: "dotted", values: values("p99"), text: duration },
      { label: "p95", color: "second", dash: "dashed", values: values("p95"), text: duration },
      { label: "median", color: "accent", values: values("p50"), text: duration },
    ],
    left: duration,
    isLog: true,
  };
}

function spreadSummary(history: ReportedHistory, what: "latency" | "wait"): string {
  const medians = history[what].flatMap(({ p50 }) => (p50 === null ? [] : [p50])).sort((a, b) => a - b);
  if (medians.length === 0) return "No call has ended.";
  const worst = history[what].reduce<{ ms: number; span: number }>(
    (found, { p99 }, span) => ((p99 ?? 0) > found.ms ? { ms: p99!, span } : found),
    { ms: 0, span: 0 },
  );
  const middle = medians[Math.floor(medians.length / 2)]!;
  return `The median was usually about ${duration(middle)}. The highest p99 was ${duration(worst.ms)}, at ${dateTime(history.at[worst.span]!)}.`;
}

function totalsSpec(history: ReportedHistory, timeline: Timeline): PlotSpec {
  const { inputTokens, outputTokens, costUsd } = history;
  const told = (value: number): string => `${short(value)} tokens`;
  const tokens = (label: string, color: SeriesSpec["color"], values: readonly number[]): SeriesSpec => {
    return { label, color, isFilled: true, values: sumAlong(timeline, values), text: told };
  };
  const series = [tokens("input", "accent", inputTokens), tokens("output", "second", outputTokens)];
  const summary = `${short(sum(inputTokens))} input tokens and ${short(sum(outputTokens))} output tokens in all`;
  const known = costUsd.filter((cost) => cost !== null);
  if (known.length < costUsd.length)
    return {
      id: "totals",
      title: "Tokens",
      summary: `${summary}; their price is unknown.`,
      series,
      left: short,
    };
  const values = sumAlong(timeline, known);
  series.push({ label: "cost", color: "ink", dash: "dashed", scale: "right", values, text: usd });
  return {
    id: "totals",
    title: "Tokens and cost",
    summary: `${summary}, for ${usd(sum(known))}.`,
    series,
    left: short,
    right: usd,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
