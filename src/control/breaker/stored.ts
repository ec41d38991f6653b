import type { BlockedBy, BreakerState } from "./state.ts";
import { type BreakerEffect, initial, type Step, stay } from "./transitions.ts";

/** What outlives a process, and what processes on one database share. Times are wall clock. */
export interface StoredBreaker {
  readonly epoch: number;
  readonly openedEpoch: number;
  readonly level: number;
  readonly cooldownMs: number;
  readonly reached: boolean;
  readonly phase: StoredPhase;
}

type StoredPhase =
  | { readonly name: "closed"; readonly since: number }
  | { readonly name: "open"; readonly until: number; readonly waitMs: number; readonly reason: string }
  | { readonly name: "half-open" }
  | { readonly name: "ramping"; readonly limit: number }
  | { readonly name: "blocked"; readonly by: BlockedBy; readonly message: string };

export interface Moment {
  readonly now: number;
  readonly wall: number;
}

export function store(state: BreakerState, moment: Moment): StoredBreaker {
  const { epoch, openedEpoch, level, cooldownMs, reached } = state;
  return { epoch, openedEpoch, level, cooldownMs, reached, phase: storedPhase(state, moment) };
}

function storedPhase({ phase }: BreakerState, { now, wall }: Moment): StoredPhase {
  switch (phase.name) {
    case "closed":
      return { name: "closed", since: Math.floor(wall - (now - phase.since)) };
    case "open":
      return { name: "open", until: phase.until, waitMs: phase.waitMs, reason: phase.reason };
    case "half-open":
      return { name: "half-open" };
    case "ramping":
      return { name: "ramping", limit: phase.limit };
    case "blocked":
      return phase;
  }
}

/** The state another process, or an earlier one, left. Counts start anew; the deadline, the level and a block hold. */
export function restore(stored: StoredBreaker, moment: Moment): BreakerState {
  const { phase, ...kept } = stored;
  return { ...initial(moment.now), ...kept, phase: restoredPhase(phase, moment) };
}

function restoredPhase(phase: StoredPhase, { now, wall }: Moment): BreakerState["phase"] {
  switch (phase.name) {
    case "closed":
      return { name: "closed", since: now - Math.max(0, wall - phase.since) };
    case "open": {
      // Only a clock that was set back can make the rest longer than the whole.
      const restMs = Math.min(Math.max(0, phase.until - wall), phase.waitMs);
      return { ...phase, until: wall + restMs, dueAt: now + restMs };
    }
    case "half-open":
      return { name: "open", until: wall, dueAt: now, waitMs: 0, reason: "the last probe is still out" };
    case "ramping":
      return { name: "ramping", limit: phase.limit, inFlight: 0, passed: 0, filled: false };
    case "blocked":
      return phase;
  }
}

/**
 * Takes over what another process wrote: the later epoch wins. In the same epoch only what is stricter does, so that two processes
 * never loosen each other's deadline. While this breaker is open or half-open itself, another process's probe doesn't move it.
 */
export function merge(state: BreakerState, stored: StoredBreaker, moment: Moment): Step {
  if (!wins(stored, state)) return stay(state);
  const adopted = restore(stored, moment);
  const { latency, activeAt, probed, heard } = state;
  const reached = state.reached || adopted.reached;
  const merged = { ...adopted, latency, activeAt, probed, heard, reached };
  return { state: merged, effects: announce(merged) };
}

function wins({ epoch, phase }: StoredBreaker, state: BreakerState): boolean {
  const mine = state.phase;
  if (phase.name === "half-open")
    return epoch > state.epoch && mine.name !== "open" && mine.name !== "half-open";
  if (epoch !== state.epoch) return epoch > state.epoch;
  if (phase.name === "blocked") return mine.name !== "blocked";
  if (phase.name !== "open" || mine.name === "blocked") return false;
  return mine.name !== "open" || phase.until > mine.until;
}

/** The effect that tells a newcomer where the machine stands. */
export function announce({ phase }: BreakerState): readonly BreakerEffect[] {
  switch (phase.name) {
    case "open":
      return [{ type: "opened", reason: phase.reason, until: phase.dueAt, forgive: [] }];
    case "blocked":
      return [{ type: "blocked", by: phase.by, message: phase.message }];
    default:
      return [{ type: phase.name }];
  }
}
