import type { Random } from "../../ports/random.ts";
import type { BreakerSettings } from "../limits.ts";
import { NO_LATENCY } from "./latency.ts";
import { type BlockedBy, type BreakerState, changed, type Failure, type Open, type Phase } from "./state.ts";

const MAX_COOLDOWN_MS = 5 * 60_000;
/** Beyond this every cooldown is at its cap. */
const MAX_LEVEL = 16;

/** What the machine is given beside state and event. */
export interface Context {
  readonly now: number;
  readonly wall: number;
  readonly random: Random;
  readonly settings: BreakerSettings;
  /** Where the ramp ends. */
  readonly maxConcurrency: number;
}

export type FailureRef = Pick<Failure, "job" | "attempt">;

/** What a transition asks of the outside. `until` is monotonic. */
export type BreakerEffect =
  | { type: "opened"; reason: string; until: number; forgive: readonly FailureRef[] }
  | { type: "half-open" }
  | { type: "ramping" }
  | { type: "closed" }
  | { type: "blocked"; by: BlockedBy; message: string }
  /** Failures that turned out to be the outage's, not the jobs'. */
  | { type: "forgive"; forgive: readonly FailureRef[] }
  /** Nothing ever answered: the address is wrong, or nothing listens there. */
  | { type: "neverReached"; message: string };

export interface Step {
  readonly state: BreakerState;
  readonly effects: readonly BreakerEffect[];
}

const NO_EFFECTS: readonly BreakerEffect[] = [];

export function stay(state: BreakerState): Step {
  return { state, effects: NO_EFFECTS };
}

export function initial(now: number): BreakerState {
  return {
    phase: { name: "closed", since: now },
    epoch: 0,
    openedEpoch: -1,
    level: 0,
    cooldownMs: 0,
    probed: [],
    reached: false,
    heard: false,
    misses: 0,
    tallies: [],
    failures: [],
    streak: 0,
    latency: NO_LATENCY,
    activeAt: now,
  };
}

/** Every transition starts an epoch with nothing counted in it. */
function enter(state: BreakerState, phase: Phase): BreakerState {
  return changed(state, { phase, epoch: state.epoch + 1, tallies: [], failures: [], streak: 0 });
}

/** Opens for a cooldown that doubles with the level, or for longer where the provider asked for it. */
export function open(
  state: BreakerState,
  reason: string,
  failures: readonly Failure[],
  { now, wall, random, settings }: Context,
): Step {
  const level = levelAt(state, now);
  const longestMs = Math.max(MAX_COOLDOWN_MS, settings.cooldownMs);
  const cooldownMs = Math.min(settings.cooldownMs * 2 ** level, longestMs);
  const hintMs = failures.reduce((longest, { hintUntil }) => Math.max(longest, hintUntil - now), 0);
  const waitMs = Math.ceil(Math.max(cooldownMs * (0.8 + 0.4 * random()), hintMs));
  const phase: Open = { name: "open", until: wall + waitMs, dueAt: now + waitMs, waitMs, reason };
  const opened = { ...enter(state, phase), level: Math.min(level + 1, MAX_LEVEL), cooldownMs };
  return {
    state: { ...opened, openedEpoch: opened.epoch },
    effects: [{ type: "opened", reason, until: phase.dueAt, forgive: forgivable(failures) }],
  };
}

/** The level sinks by one for every two cooldowns spent closed, so that flapping escalates. */
function levelAt({ phase, level, cooldownMs }: BreakerState, now: number): number {
  if (phase.name !== "closed" || level === 0) return level;
  return Math.max(0, level - Math.floor((now - phase.since) / (2 * cooldownMs)));
}

export function forgivable(failures: readonly Failure[]): FailureRef[] {
  return failures.filter((failure) => failure.forgivable).map(({ job, attempt }) => ({ job, attempt }));
}

export function halfOpen(state: BreakerState): Step {
  return {
    state: enter(state, { name: "half-open", leases: [], passed: 0 }),
    effects: [{ type: "half-open" }],
  };
}

export function ramp(state: BreakerState, limit: number): Step {
  const phase: Phase = { name: "ramping", limit, inFlight: 0, passed: 0, filled: false };
  return { state: { ...enter(state, phase), probed: [] }, effects: [{ type: "ramping" }] };
}

export function close(state: BreakerState, now: number): Step {
  return {
    state: { ...enter(state, { name: "closed", since: now }), probed: [] },
    effects: [{ type: "closed" }],
  };
}

export function block(state: BreakerState, by: BlockedBy, message: string): Step {
  return {
    state: enter(state, { name: "blocked", by, message }),
    effects: [{ type: "blocked", by, message }],
  };
}

/** Forgets everything but the epoch, which never goes back. */
export function forget(state: BreakerState, now: number): BreakerState {
  return { ...initial(now), epoch: state.epoch + 1 };
}
