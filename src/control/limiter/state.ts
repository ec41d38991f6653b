import type { QuotaDimension } from "../../domain/outcome.ts";
import type { DayStates } from "./day-quotas.ts";
import type { EstimatesState } from "./estimates.ts";
import type { InFlightState } from "./in-flight.ts";
import type { PaceState } from "./pace.ts";
import type { ThrottleState } from "./throttle.ts";
import type { QuotaView } from "./view.ts";

/**
 * What is kept of a limiter: JSON-able, its moments on the wall clock. Calls in flight are not part of it: they die with
 * their process.
 */
export interface LimiterState {
  /** When it was taken: levels have refilled since. */
  at: number;
  levels: Partial<Record<QuotaDimension, number>>;
  /** Limits per minute that the provider's headers told; our share of them. */
  headerLimits: Partial<Record<QuotaDimension, number>>;
  days: DayStates;
  pace: PaceState;
  inFlight: InFlightState;
  throttle: ThrottleState;
  estimates: EstimatesState;
  /** For those that only show it: no limiter goes by it. */
  quotas?: readonly QuotaView[];
}

/**
 * A stored state on the monotonic clock. One that was taken in a time still to come shows that the wall clock was set back
 * since: then it counts as taken just now, or its waits would last for hours more.
 */
export function onMonotonic(stored: LimiterState, now: number, wall: number): LimiterState {
  return onClock(stored, now - Math.max(wall, stored.at));
}

/** The same state with its moments on another clock, which is ahead by so much. */
export function onClock(state: LimiterState, aheadMs: number): LimiterState {
  const { throttle, days, quotas } = state;
  const ahead = (moment: number | null): number | null => (moment === null ? null : moment + aheadMs);
  const moved = <T extends { resetAt: number | null }>(day: T): T => ({
    ...day,
    resetAt: ahead(day.resetAt),
  });
  return {
    ...state,
    at: state.at + aheadMs,
    throttle: { ...throttle, until: ahead(throttle.until) },
    days: Object.fromEntries(Object.entries(days).map(([dimension, day]) => [dimension, moved(day)])),
    ...(quotas && { quotas: quotas.map(moved) }),
  };
}
