import type { Latency } from "./latency.ts";
import type { Tally } from "./tally.ts";

/** Why nothing may be sent until somebody acts. */
export type BlockedBy = "key" | "account" | "model" | "endpoint" | "hand";

/** A failure the breaker has counted. */
export interface Failure {
  readonly job: number;
  readonly attempt: number;
  /** The job's failures before it. */
  readonly earlier: number;
  readonly at: number;
  /** What the reason of a trip calls it: its code, or in words where `--timeout` ended it. */
  readonly name: string;
  /** Monotonic time before which the provider asked not to be called again; 0 without a hint. */
  readonly hintUntil: number;
  /** Whether the job's failure is given back when the breaker trips. */
  readonly forgivable: boolean;
}

/** A probe under way. After `expiresAt` its place is free for another one. */
export interface Lease {
  readonly job: number;
  readonly attempt: number;
  readonly expiresAt: number;
}

interface Closed {
  readonly name: "closed";
  /** Monotonic time of the closing: what the level's decay is counted from. */
  readonly since: number;
}

export interface Open {
  readonly name: "open";
  /** Wall clock of the next probe, for storing and showing. */
  readonly until: number;
  /** The same moment on this process's monotonic clock. */
  readonly dueAt: number;
  /** The wait as it was set: a stored `until` is never further away than this. */
  readonly waitMs: number;
  readonly reason: string;
}

export interface HalfOpen {
  readonly name: "half-open";
  readonly leases: readonly Lease[];
  /** Probes that came back well. */
  readonly passed: number;
}

export interface Ramping {
  readonly name: "ramping";
  /** Calls allowed at once. */
  readonly limit: number;
  readonly inFlight: number;
  /** Successes of this round; a round is clean after `limit` of them without a failure. */
  readonly passed: number;
  /** Whether this round ever had `limit` calls in flight. If not, the ramp holds nothing back. */
  readonly filled: boolean;
}

interface Blocked {
  readonly name: "blocked";
  readonly by: BlockedBy;
  readonly message: string;
}

export type Phase = Closed | Open | HalfOpen | Ramping | Blocked;

/** Immutable. Times are monotonic milliseconds of this process, but for `Open.until`. */
export interface BreakerState {
  readonly phase: Phase;
  /** Counts transitions. A call carries the epoch it was admitted in. */
  readonly epoch: number;
  /** The epoch of the last opening; -1 before the first. Calls admitted before it were caught in flight by it. */
  readonly openedEpoch: number;
  /** The next cooldown is the first one x 2^level. */
  readonly level: number;
  /** The last cooldown, without jitter and hint. 0 before the first. */
  readonly cooldownMs: number;
  /** Jobs that probed in this outage, the latest last. */
  readonly probed: readonly number[];
  /** Whether the endpoint has ever replied. */
  readonly reached: boolean;
  /** Whether it has replied to this process, which may trust other certificates than the last one did. */
  readonly heard: boolean;
  /** Calls that could not be sent, while it has never replied. */
  readonly misses: number;
  /** Calls and failures of this epoch, by age. */
  readonly tallies: readonly Tally[];
  /** Failures of this epoch, oldest first. */
  readonly failures: readonly Failure[];
  /** How many of them are in a row at the end. */
  readonly streak: number;
  readonly latency: Latency;
  /** The last admission or completion: while all slots stay taken, nothing has come back since. */
  readonly activeAt: number;
}

/** A copy with these changes. Written out: three are made for each call, and to spread so many fields takes V8 ten times as long. */
export function changed(state: BreakerState, changes: Partial<BreakerState>): BreakerState {
  return {
    phase: changes.phase ?? state.phase,
    epoch: changes.epoch ?? state.epoch,
    openedEpoch: changes.openedEpoch ?? state.openedEpoch,
    level: changes.level ?? state.level,
    cooldownMs: changes.cooldownMs ?? state.cooldownMs,
    probed: changes.probed ?? state.probed,
    reached: changes.reached ?? state.reached,
    heard: changes.heard ?? state.heard,
    misses: changes.misses ?? state.misses,
    tallies: changes.tallies ?? state.tallies,
    failures: changes.failures ?? state.failures,
    streak: changes.streak ?? state.streak,
    latency: changes.latency ?? state.latency,
    activeAt: changes.activeAt ?? state.activeAt,
  };
}
