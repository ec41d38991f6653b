/**
 * The circuit breaker of an endpoint, as a pure machine: `reduce(state, event, context)`.
 *
 * ```
 *             trip                  cooldown over              all probes passed           ramp is up
 *   CLOSED ───────────► OPEN(until) ─────────────► HALF_OPEN ────────────────► RAMPING ─────────────► CLOSED
 *                        ▲    ▲      a probe failed    │                          │
 *                        │    └────────────────────────┘              trip        │
 *                        └────────────────────────────────────────────────────────┘
 *   any ── key, account or model refused; "open" by hand ──► BLOCKED ── "close" or "reset" by hand ──► CLOSED
 * ```
 *
 * - CLOSED admits every call. A trip is many failures in a row, half of the calls in the window, or a stall: all
 *   slots taken and nothing coming back (`trip.ts`). Calls in flight are in no count.
 * - OPEN admits nothing. Only the clock ends it. Each opening doubles the cooldown; time spent closed lowers it again.
 * - HALF_OPEN admits probes, each under a lease: when it runs out, its place is free, whatever becomes of the call.
 * - RAMPING admits `limit` calls at once and doubles it after each clean round.
 * - BLOCKED admits nothing, and no clock ends it. Another key is another endpoint, with a breaker of its own. Who starts a
 *   run has it ramp from one call on, unless it was opened by hand (`triedAgain`).
 *
 * Every transition starts an epoch. The result of a call from an older epoch never moves the machine. Failures that
 * led to an opening, of calls it caught in flight, and of probes are reported to be forgiven: they were the provider's.
 */
import { isTimedOut, OUTCOME_RULES, type Outcome } from "../../domain/outcome.ts";
import type { Permit } from "../permit.ts";
import { measure } from "./latency.ts";
import {
  type BreakerState,
  changed,
  type Failure,
  type HalfOpen,
  type Lease,
  type Ramping,
} from "./state.ts";
import { count } from "./tally.ts";
import {
  block,
  type Context,
  close,
  forget,
  forgivable,
  halfOpen,
  open,
  ramp,
  type Step,
  stay,
} from "./transitions.ts";
import { leaseOf, stallAfter, trip, windowOf } from "./trip.ts";
import { OPENED_BY_HAND } from "./view.ts";

export type BreakerCommand = "open" | "close" | "reset";

export type BreakerEvent =
  | { type: "admitted"; job: number; attempt: number }
  | { type: "ended"; permit: Permit; outcome: Outcome }
  /** Time has passed. `slotsFull`: no further call could be sent, and at least two jobs hold the slots. */
  | { type: "tick"; slotsFull: boolean }
  | { type: "command"; command: BreakerCommand };

/** After so many calls that could not be sent, nothing is taken to be there. */
const MISSES = 3;
/** Failures remembered so that they can be given back. If an outage took more to show, the earlier ones stay counted. */
const FAILURES_KEPT = 1_000;
const PROBED_KEPT = 20;

export function reduce(state: BreakerState, event: BreakerEvent, context: Context): Step {
  switch (event.type) {
    case "admitted":
      return stay(admitted(changed(state, { activeAt: context.now }), event, context.now));
    case "ended":
      return ended(learn(state, event, context.now), event, context);
    case "tick":
      return tick(state, event.slotsFull, context);
    case "command":
      return command(state, event.command, context.now);
  }
}

/** How many more calls may be sent now. */
export function openings({ phase }: BreakerState, probes: number): number {
  switch (phase.name) {
    case "closed":
      return Number.POSITIVE_INFINITY;
    case "half-open":
      return Math.max(0, probes - phase.leases.length);
    case "ramping":
      return Math.max(0, phase.limit - phase.inFlight);
    case "open":
    case "blocked":
      return 0;
  }
}

/** Monotonic time at which a tick can change something; Infinity when only a call's end can. */
export function nextTick(state: BreakerState, slotsFull: boolean): number {
  const { phase } = state;
  if (phase.name === "open") return phase.dueAt;
  if (phase.name === "half-open") return Math.min(...phase.leases.map((lease) => lease.expiresAt));
  return isFull(state, slotsFull) ? state.activeAt + stallAfter(state) : Number.POSITIVE_INFINITY;
}

function isFull({ phase }: BreakerState, slotsFull: boolean): boolean {
  if (phase.name === "ramping") return phase.inFlight >= phase.limit;
  return phase.name === "closed" && slotsFull;
}

function admitted(
  state: BreakerState,
  { job, attempt }: Pick<Lease, "job" | "attempt">,
  now: number,
): BreakerState {
  const { phase } = state;
  if (phase.name === "half-open") {
    const leases = [...phase.leases, { job, attempt, expiresAt: now + leaseOf(state) }];
    const probed = [...state.probed.filter((earlier) => earlier !== job), job].slice(-PROBED_KEPT);
    return changed(state, { phase: { ...phase, leases }, probed });
  }
  if (phase.name === "ramping") {
    const inFlight = phase.inFlight + 1;
    return changed(state, { phase: { ...phase, inFlight, filled: phase.filled || inFlight >= phase.limit } });
  }
  return state;
}

function tick(state: BreakerState, slotsFull: boolean, context: Context): Step {
  const { phase } = state;
  if (context.now < nextTick(state, slotsFull)) return stay(state);
  if (phase.name === "open") return halfOpen(state);
  if (phase.name === "half-open") {
    const leases = phase.leases.filter((lease) => lease.expiresAt > context.now);
    return stay(changed(state, { phase: { ...phase, leases } }));
  }
  const quietSeconds = Math.round((context.now - state.activeAt) / 1_000);
  return open(state, `no answer for ${quietSeconds} s with all slots taken`, [], context);
}

function command(state: BreakerState, command: BreakerCommand, now: number): Step {
  switch (command) {
    case "open":
      return block(state, "hand", OPENED_BY_HAND);
    case "close":
      return close(state, now);
    case "reset":
      return { state: forget(state, now), effects: [{ type: "closed" }] };
  }
}

type Ended = Extract<BreakerEvent, { type: "ended" }>;

/** What a call of any epoch teaches: that the endpoint is there, and how long a call takes. */
function learn(state: BreakerState, { permit, outcome }: Ended, now: number): BreakerState {
  const replied = outcome.kind !== "unreachable" && outcome.kind !== "aborted";
  const answered = OUTCOME_RULES[outcome.kind].breaker === "success";
  return changed(state, {
    activeAt: now,
    reached: state.reached || replied,
    heard: state.heard || replied,
    latency: answered
      ? measure(state.latency, (permit.answeredAt ?? now) - permit.admittedAt)
      : state.latency,
  });
}

function ended(state: BreakerState, { permit, outcome }: Ended, context: Context): Step {
  const { phase } = state;
  const sign = signOf(outcome, context);
  const failure = sign === "failure" ? failureOf(permit, outcome, context.now) : null;
  if (permit.epoch !== state.epoch) return late(state, permit, failure);
  if (outcome.kind === "blocked") return block(state, outcome.blockedBy ?? "account", outcome.message);
  const isUnknown = outcome.code === "certificate" ? !state.heard : !state.reached;
  if (outcome.kind === "unreachable" && isUnknown) return missed(state, outcome, context.now);
  switch (phase.name) {
    case "closed":
      return failure ? failed(state, failure, context) : stay(counted(state, sign, context.now));
    case "half-open":
      return probeEnded(state, phase, { permit, sign, failure }, context);
    case "ramping":
      return rampEnded(state, phase, { sign, failure }, context);
    case "open":
    case "blocked":
      return late(state, permit, failure);
  }
}

/** What a call says of the provider's health. */
type Sign = "success" | "failure" | "neutral";

/** A call that has ended. */
interface Seen {
  permit: Permit;
  sign: Sign;
  /** Null unless the sign is one of failure. */
  failure: Failure | null;
}

function signOf({ kind, httpStatus }: Outcome, { settings }: Context): Sign {
  if (kind === "throttled" && settings.on429) return "failure";
  // A conflict is about this request, and passes: it says nothing of the provider's health.
  if (kind === "transient" && httpStatus === 409) return "neutral";
  return OUTCOME_RULES[kind].breaker;
}

function failureOf(permit: Permit, outcome: Outcome, now: number): Failure {
  const { job, attempt, failures: earlier } = permit;
  const { kind, code, message, retryAfterMs } = outcome;
  const name = isTimedOut(outcome) ? message : code;
  const hintUntil = retryAfterMs === null ? 0 : now + retryAfterMs;
  return { job, attempt, earlier, at: now, name, hintUntil, forgivable: OUTCOME_RULES[kind].forgivable };
}

/** A result from an older epoch: it can be forgiven, and changes nothing. */
function late(state: BreakerState, permit: Permit, failure: Failure | null): Step {
  const ofOutage = permit.epoch <= state.openedEpoch || permit.probe;
  const forgive = failure && ofOutage ? forgivable([failure]) : [];
  return { state, effects: forgive.length > 0 ? [{ type: "forgive", forgive }] : [] };
}

/** Forgets all of an address that never answered: it may be right for the next run. */
function missed(state: BreakerState, { code, message }: Outcome, now: number): Step {
  const misses = state.misses + 1;
  if (misses < MISSES && code !== "certificate") return stay(changed(state, { misses }));
  return { state: forget(state, now), effects: [{ type: "neverReached", message }] };
}

function counted(state: BreakerState, sign: Sign, now: number): BreakerState {
  if (sign === "neutral") return state;
  const failed = sign === "failure";
  const tallies = count(state.tallies, failed, now, windowOf(state));
  return changed(state, { tallies, streak: failed ? state.streak + 1 : 0 });
}

function failed(state: BreakerState, failure: Failure, context: Context): Step {
  const failures = [...state.failures, failure].slice(-FAILURES_KEPT);
  const next = counted(changed(state, { failures }), "failure", context.now);
  const tripped = trip(next, context.settings, context.now);
  return tripped ? open(next, tripped.reason, tripped.failures, context) : stay(next);
}

function probeEnded(
  state: BreakerState,
  phase: HalfOpen,
  { permit, sign, failure }: Seen,
  context: Context,
): Step {
  if (failure) return open(state, `a probe failed: ${failure.name}`, [failure], context);
  const { probes } = context.settings;
  const passed = phase.passed + (sign === "success" ? 1 : 0);
  if (passed >= probes) return ramp(state, 2 * probes);
  const leases = phase.leases.filter(({ job, attempt }) => job !== permit.job || attempt !== permit.attempt);
  return stay(changed(state, { phase: { ...phase, leases, passed } }));
}

function rampEnded(
  state: BreakerState,
  phase: Ramping,
  { sign, failure }: Omit<Seen, "permit">,
  context: Context,
): Step {
  const inFlight = phase.inFlight - 1;
  if (failure) return failed(changed(state, { phase: { ...phase, inFlight, passed: 0 } }), failure, context);
  const passed = phase.passed + (sign === "success" ? 1 : 0);
  const next = counted(changed(state, { phase: { ...phase, inFlight, passed } }), sign, context.now);
  return passed < phase.limit ? stay(next) : cleanRound(next, phase, inFlight, context);
}

function cleanRound(
  state: BreakerState,
  { limit, filled }: Ramping,
  inFlight: number,
  context: Context,
): Step {
  if (!filled || 2 * limit >= context.maxConcurrency) return close(state, context.now);
  return stay(
    changed(state, { phase: { name: "ramping", limit: 2 * limit, inFlight, passed: 0, filled: false } }),
  );
}
