import { percentilesOf } from "../domain/compact-histogram.ts";
import {
  type BreakerMove,
  coarsened,
  emptySpan,
  FINEST_MS,
  type HistorySpan,
  joined,
  type QuotaName,
} from "../domain/history.ts";
import { toUsd } from "../domain/nano-usd.ts";
import type { Run } from "../domain/run.ts";
import type { BreakerSpan, ReportedHistory } from "./report-data.ts";

/** Moments of a plot at most: more than it has pixels for tell nothing. */
const MOST_SPANS = 240;
/** Below this many, a plot shows spans as they are however few calls they have. */
const FEW_SPANS = 24;
/** A rate over fewer calls than this jumps between nothing and much. */
const CALLS_A_SPAN = 5;
/** And over this part of what its neighbour tells of, or less, as at the begin and the end of a run. */
const LEAST_PART = 0.5;
/** A process at work leaves a span at least so often, though nothing happened in it. */
const NEXT_SPAN_MS = 3_000;
const TOKENS: readonly QuotaName[] = ["inputTokens/minute", "outputTokens/minute"];

/** A run's history as a page plots it; null where there is none. */
export function historyColumns(spans: readonly HistorySpan[], run: Bounds): ReportedHistory | null {
  if (spans.length === 0) return null;
  const shown = withoutStubs(fewer(withIdle(spans)), run);
  const each = <T>(value: (span: HistorySpan) => T): T[] => shown.map(value);
  return {
    at: each(({ at }) => Math.max(at, run.createdAt)),
    spanMs: each((span) => workedMs(span, run) || span.lengthMs),
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

type Bounds = Pick<Run, "createdAt" | "finishedAt">;

/** How much of a span the run was there. */
function workedMs({ at, lengthMs }: HistorySpan, { createdAt, finishedAt }: Bounds): number {
  const end = at + lengthMs;
  return Math.max(0, Math.min(end, finishedAt ?? end) - Math.max(at, createdAt));
}

/** With the seconds that were left out, as nothing happened in them while a process was at work. What is missing then is a pause. */
function withIdle(spans: readonly HistorySpan[]): readonly HistorySpan[] {
  return spans.flatMap((span, index) => {
    const end = span.at + span.lengthMs;
    const next = spans[index + 1]?.at ?? end;
    const seconds = next - end < NEXT_SPAN_MS ? Math.ceil((next - end) / FINEST_MS) : 0;
    const idle = Array.from({ length: seconds }, (_, second) => ({
      ...emptySpan(end + second * FINEST_MS, FINEST_MS),
      limits: span.limits,
    }));
    return [span, ...idle];
  });
}

/** Joins the first and the last span to their neighbours where the run was there for a small part of them. */
function withoutStubs(spans: readonly HistorySpan[], run: Bounds): readonly HistorySpan[] {
  const isStub = (span: HistorySpan, beside: HistorySpan): boolean =>
    workedMs(span, run) <= workedMs(beside, run) * LEAST_PART;
  const [first, second] = spans;
  if (first && second && follows(first, second) && isStub(first, second))
    return withoutStubs([spanning(first, second), ...spans.slice(2)], run);
  const [last, before] = [spans.at(-1), spans.at(-2)];
  if (last && before && follows(before, last) && isStub(last, before))
    return withoutStubs([...spans.slice(0, -2), spanning(before, last)], run);
  return spans;
}

function follows(before: HistorySpan, after: HistorySpan): boolean {
  return before.at + before.lengthMs === after.at;
}

/** Both as one span, as long as both. */
function spanning(first: HistorySpan, second: HistorySpan): HistorySpan {
  return { ...joined(first, second), lengthMs: first.lengthMs + second.lengthMs };
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
