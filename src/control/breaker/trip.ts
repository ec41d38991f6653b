import type { BreakerSettings } from "../limits.ts";
import type { BreakerState, Failure } from "./state.ts";
import { total } from "./tally.ts";

const WINDOW_MIN_MS = 60_000;
const RATE_MIN_CALLS = 20;
const RATE_SHARE = 0.5;
/** While ramping, just after an outage, so few failures in a row open it again. */
const RAMPING_FAILURES = 2;
/** A fast endpoint may pause this long, for a garbage collection or a deployment, without being down. */
const STALL_MIN_MS = 10_000;
const LEASE_MIN_MS = 30_000;
const ONSET_MIN_MS = 1_000;

/** Why the breaker opens, and the failures that led to it. */
export interface Trip {
  reason: string;
  failures: readonly Failure[];
}

/** Whether the failures of this epoch are an outage: many in a row or in the window, and of several jobs. */
export function trip(state: BreakerState, settings: BreakerSettings, now: number): Trip | null {
  return streakTrip(state, settings) ?? rateTrip(state, now);
}

function streakTrip(state: BreakerState, settings: BreakerSettings): Trip | null {
  const needed =
    state.phase.name === "ramping" ? Math.min(RAMPING_FAILURES, settings.failures) : settings.failures;
  if (state.streak < needed) return null;
  const streak = state.failures.slice(-state.streak);
  if (!ofSeveralJobs(streak)) return null;
  const reason = `${state.streak} failures in a row, the last ${streak.at(-1)!.name}`;
  return { reason, failures: withOnset(state, streak[0]!.at) };
}

/**
 * An outage often refuses at once, so its first failures come in before the successes of calls sent earlier, which end
 * the streak: they are the outage's all the same.
 */
function withOnset({ failures, latency }: BreakerState, streakAt: number): readonly Failure[] {
  const since = streakAt - Math.max(ONSET_MIN_MS, latency.p99Ms);
  return failures.filter(({ at }) => at >= since);
}

function rateTrip(state: BreakerState, now: number): Trip | null {
  const windowMs = windowOf(state);
  const { calls, failures } = total(state.tallies, now, windowMs);
  if (calls < RATE_MIN_CALLS || failures < calls * RATE_SHARE) return null;
  const led = state.failures.filter((failure) => now - failure.at < windowMs);
  return ofSeveralJobs(led) ? { reason: `${failures} of ${calls} calls failed`, failures: led } : null;
}

/**
 * One job's failures may be its own: a row the provider chokes on is no outage. So may those of jobs that failed before,
 * while others succeeded: at the end of a run, such rows are all that is left.
 */
function ofSeveralJobs(failures: readonly Failure[]): boolean {
  const first = failures.filter((failure) => failure.earlier === 0);
  return first.some((failure) => failure.job !== first[0]!.job);
}

/** Twice the p99, so that slow calls are never judged by a window that holds only a few of them. */
export function windowOf({ latency }: BreakerState): number {
  return Math.max(WINDOW_MIN_MS, 2 * latency.p99Ms);
}

/** How long all slots may stay taken with nothing coming back. Unbounded until the p99 is known. */
export function stallAfter({ latency }: BreakerState): number {
  return latency.p99Ms === 0 ? Number.POSITIVE_INFINITY : Math.max(STALL_MIN_MS, 3 * latency.p99Ms);
}

/** How long a probe holds its place. */
export function leaseOf({ latency }: BreakerState): number {
  return Math.max(LEASE_MIN_MS, 3 * latency.p99Ms);
}
