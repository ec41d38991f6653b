import type { Percentiles } from "../domain/histogram.ts";
import { percentiles } from "../domain/histogram.ts";
import type { JobCounts } from "../domain/job.ts";
import { JOB_STATES } from "../domain/job.ts";
import type { RunFigures } from "../domain/run.ts";
import { MINUTE_MS } from "./attempt-tally.ts";

export type Counters = ReadonlyMap<string, number>;

/** The figures that a run's counters hold. */
export function countedFigures(
  counters: Counters,
): Omit<RunFigures, "in_doubt" | "failures" | "recent" | "pace"> & { failures: readonly FailureCount[] } {
  const value = (name: string): number => counters.get(name) ?? 0;
  const groups = byGroup(counters);
  return {
    jobs: jobCounts(value),
    attempts: {
      total: value("attempts.total"),
      succeeded: value("attempts.succeeded"),
      throttled: value("attempts.throttled"),
      retried: value("attempts.retried"),
      in_doubt: value("attempts.in_doubt"),
    },
    shared: { dedupe: value("shared.dedupe"), reuse: value("shared.reuse") },
    unfit: value("answers.unfit"),
    tokens: {
      input: value("tokens.input"),
      cached_input: value("tokens.cached_input"),
      output: value("tokens.output"),
    },
    cost: { nano_usd: value("cost.nano_usd"), unknown: value("cost.unknown") },
    estimated: { tokens: value("doubt.tokens"), nano_usd: value("doubt.nano_usd") },
    latency_ms: spread(groups.get("latency")),
    wait_ms: spread(groups.get("wait")),
    total_ms: spread(groups.get("total")),
    failures: failureCounts(groups.get("failure")),
  };
}

interface FailureCount {
  code: string;
  count: number;
}

/** Most frequent first. */
function failureCounts(failures: Group = []): FailureCount[] {
  return failures
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([code, count]) => ({ code, count }));
}

/** The minute that is under way and the one before it: their names, and when the first began. */
export function recentMinutes(wallMs: number): { names: readonly [number, number]; startMs: number } {
  const minute = Math.floor(wallMs / MINUTE_MS);
  return { names: [minute, minute - 1], startMs: (minute - 1) * MINUTE_MS };
}

/** When a process worked on a run, by the wall clock; `endedAt` is null while it does. */
export interface Presence {
  startedAt: number;
  endedAt: number | null;
}

/** A process records what it does within so long. One that died is taken to have worked until so long after its last record. */
export const UNRECORDED_MS = 4_000;

/** How much of the time since `startMs` some process worked on the run. */
export function recentSpanMs(presences: readonly Presence[], startMs: number, wallMs: number): number {
  let ms = 0;
  let until = startMs;
  for (const { startedAt, endedAt } of [...presences].sort((a, b) => a.startedAt - b.startedAt)) {
    // A start in the future means that the clock was set back.
    const from = startedAt > wallMs ? startMs : startedAt;
    const to = Math.min(endedAt ?? wallMs, wallMs);
    ms += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return ms;
}

function jobCounts(value: (name: string) => number): JobCounts {
  const counts = Object.fromEntries(JOB_STATES.map((state) => [state, value(`jobs.${state}`)]));
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return { total, ...counts } as JobCounts;
}

function spread(buckets: Group = []): Percentiles {
  return percentiles(buckets.map(([bucket, count]) => [Number(bucket), count]));
}

/** Counters whose names begin alike, up to their first dot, by the rest of their names. */
type Group = readonly [rest: string, count: number][];

/** In one pass: of a run's some 200 counters most are of a histogram. */
function byGroup(counters: Counters): ReadonlyMap<string, Group> {
  const groups = new Map<string, [string, number][]>();
  for (const [name, count] of counters) {
    const dot = name.indexOf(".");
    const group = name.slice(0, dot);
    const rest: [string, number] = [name.slice(dot + 1), count];
    const known = groups.get(group);
    if (known) known.push(rest);
    else groups.set(group, [rest]);
  }
  return groups;
}
