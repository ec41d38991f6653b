import { percentiles } from "../domain/histogram.ts";
import { JOB_STATES } from "../domain/job.ts";
import type { JobCounts, Percentiles, RunFigures } from "../domain/run.ts";
import { MINUTE_MS } from "./attempt-tally.ts";

export type Counters = ReadonlyMap<string, number>;

/** The figures that a run's counters hold. */
export function countedFigures(
  counters: Counters,
): Omit<RunFigures, "in_doubt" | "failures" | "recent" | "pace"> & { failures: readonly FailureCount[] } {
  const value = (name: string): number => counters.get(name) ?? 0;
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
    latency_ms: spread(counters, "latency."),
    wait_ms: spread(counters, "wait."),
    total_ms: spread(counters, "total."),
    failures: failureCounts(counters),
  };
}

interface FailureCount {
  code: string;
  count: number;
}

/** Most frequent first. */
function failureCounts(counters: Counters): FailureCount[] {
  return withPrefix(counters, "failure.")
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([code, count]) => ({ code, count }));
}

/** The minute that is under way and the one before it: their names, and when the first began. */
export function recentMinutes(wallMs: number): { names: readonly [number, number]; startMs: number } {
  const minute = Math.floor(wallMs / MINUTE_MS);
  return { names: [minute, minute - 1], startMs: (minute - 1) * MINUTE_MS };
}

/** How long lately is: since the first of the recent minutes, but nothing from before anybody worked on the run. */
export function recentSpanMs(workedSince: number | null, startMs: number, wallMs: number): number {
  const since = workedSince ?? startMs;
  // A start in the future means that the clock was set back.
  return wallMs - (since > wallMs ? startMs : Math.max(startMs, since));
}

function jobCounts(value: (name: string) => number): JobCounts {
  const counts = Object.fromEntries(JOB_STATES.map((state) => [state, value(`jobs.${state}`)]));
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return { total, ...counts } as JobCounts;
}

function spread(counters: Counters, prefix: string): Percentiles {
  return percentiles(new Map(withPrefix(counters, prefix).map(([bucket, count]) => [Number(bucket), count])));
}

function withPrefix(counters: Counters, prefix: string): [string, number][] {
  return [...counters]
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, value]) => [name.slice(prefix.length), value]);
}
