import { percentilesOf } from "../domain/compact-histogram.ts";
import { type BreakerMove, coarsened, type HistorySpan, type QuotaName } from "../domain/history.ts";
import { toUsd } from "../domain/nano-usd.ts";
import type { Run } from "../domain/run.ts";
import type { BreakerSpan, ReportedHistory } from "./report-data.ts";

/** Moments of a plot at most: more than it has pixels for tell nothing. */
const MOST_SPANS = 240;
/** Below this many, a plot shows spans as they are however few calls they have. */
const FEW_SPANS = 24;
/** A rate over fewer calls than this jumps between nothing and much. */
const CALLS_A_SPAN = 5;
/** A process at work leaves a span at least so often, though nothing happened in it. */
const NEXT_SPAN_MS = 3_000;
const TOKENS: readonly QuotaName[] = ["inputTokens/minute", "outputTokens/minute"];

/** A run's history as a page plots it; null where there is none. */
export function historyColumns(
  spans: readonly HistorySpan[],
  run: Pick<Run, "createdAt" | "finishedAt">,
): ReportedHistory | null {
  if (spans.length === 0) return null;
  const shown = fewer(spans);
  const each = <T>(value: (span: HistorySpan) => T): T[] => shown.map(value);
  return {
    at: each(({ at }) => at),
    spanMs: each(({ lengthMs }) => lengthMs),
    workedMs: workedMs(shown, run),
    calls: each(({ sent }) => sent),
    throttled: each(({ ended }) => (ended.throttled ?? 0) + (ended.exhausted ?? 0)),
    inputTokens: each(({ inputTokens }) => inputTokens),
    outputTokens: each(({ outputTokens }) => outputTokens),
    costUsd: each(({ costNanoUsd, unpriced }) => (unpriced > 0 ? null : toUsd(costNanoUsd))),
    latency: each(({ latency }) => percentilesOf(latency)),
    wait: each(({ wait }) => percentilesOf(wait)),
    requestLimit: each(({ limits }) => limits["requests/minute"] ?? null),
    tokenLimit: each(tokenLimit),
    breaker: breakerSpans(spans.flatMap(({ breakers }) => breakers)),
  };
}

/** What each span tells of, with the seconds after it that were left out, as nothing happened in them. */
function workedMs(
  spans: readonly HistorySpan[],
  { createdAt, finishedAt }: Pick<Run, "createdAt" | "finishedAt">,
): number[] {
  return spans.map(({ at, lengthMs }, index) => {
    const next = spans[index + 1]?.at ?? Number.POSITIVE_INFINITY;
    const end = next - at - lengthMs < NEXT_SPAN_MS ? next : at + lengthMs;
    return Math.max(0, Math.min(end, finishedAt ?? end) - Math.max(at, createdAt));
  });
}

/** Joins the shortest spans until there are few enough, with enough calls in each. */
function fewer(spans: readonly HistorySpan[]): readonly HistorySpan[] {
  const calls = spans.reduce((sum, { sent }) => sum + sent, 0);
  let shown = spans;
  while (shown.length > MOST_SPANS || (shown.length > FEW_SPANS && calls < shown.length * CALLS_A_SPAN)) {
    const shortest = shown.reduce(
      (least, { lengthMs }) => Math.min(least, lengthMs),
      Number.POSITIVE_INFINITY,
    );
    const joined = coarsened(shown.filter(({ lengthMs }) => lengthMs === shortest));
    const rest = shown.filter(({ lengthMs }) => lengthMs !== shortest);
    shown = inOrder([...rest, ...joined]);
  }
  return shown;
}

function inOrder(spans: readonly HistorySpan[]): HistorySpan[] {
  return [...spans].sort((a, b) => a.at - b.at || b.lengthMs - a.lengthMs);
}

/** Of all tokens together, or of input and output apart. */
function tokenLimit({ limits }: HistorySpan): number | null {
  const together = limits["tokens/minute"];
  if (together !== undefined) return together;
  const [input, output] = TOKENS.map((name) => limits[name]);
  return input === undefined || output === undefined ? null : input + output;
}

/** From the moves of breakers to the stretches between them. */
function breakerSpans(moves: readonly BreakerMove[]): BreakerSpan[] {
  const spans: BreakerSpan[] = [];
  const current = new Map<string, BreakerSpan>();
  for (const { at, endpoint, state, reason } of [...moves].sort((a, b) => a.at - b.at)) {
    const before = current.get(endpoint);
    if (before) before.to = at;
    current.delete(endpoint);
    if (state === "closed") continue;
    const span = { endpoint, state, from: at, to: null, reason };
    spans.push(span);
    current.set(endpoint, span);
  }
  return spans;
}
