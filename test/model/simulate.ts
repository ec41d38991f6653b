import { Limiter } from "../../src/control/limiter/limiter.ts";
import type { Limits } from "../../src/control/limits.ts";
import type { Reservation } from "../../src/control/permit.ts";
import type { Outcome } from "../../src/domain/outcome.ts";
import type { Charge } from "../../src/domain/usage.ts";
import type { Random } from "../../src/ports/random.ts";
import type { ModelEndpoint } from "./endpoint.ts";
import { TimeHeap } from "./heap.ts";

export interface Change {
  atMs: number;
  apply(endpoint: ModelEndpoint): void;
}

export interface Simulation {
  endpoint: ModelEndpoint;
  limits: Limits;
  slots: number;
  random: Random;
  /** What a call is guessed to cost, and what it really costs. */
  nextCall: () => { estimate: Charge; used: Charge };
  changes?: readonly Change[];
  /** Ends after so many answered rows, or at a moment. */
  rows?: number;
  untilMs?: number;
}

/** Calls by the second they were sent in. */
export interface Trace {
  accepted: number[];
  refused: number[];
  /** Accepted request tokens, likewise. */
  tokens: number[];
  /** When the last row was answered. */
  makespanMs: number;
  limiter: Limiter;
}

interface Flight {
  call: { estimate: Charge; used: Charge };
  charge: Reservation;
  admittedAt: number;
  outcome: Outcome;
}

/** Drives a limiter through virtual time: a FIFO loop with so many slots and rows without end. */
export function simulate(simulation: Simulation): Trace {
  const {
    endpoint,
    limits,
    slots,
    random,
    nextCall,
    rows = Number.POSITIVE_INFINITY,
    untilMs = Number.POSITIVE_INFINITY,
  } = simulation;
  const limiter = new Limiter(limits, { now: 0, wall: 0, maxConcurrency: slots, random });
  const changes = [...(simulation.changes ?? [])];
  const replies = new TimeHeap<Flight>();
  const waiting: Flight["call"][] = [];
  const trace: Trace = { accepted: [], refused: [], tokens: [], makespanMs: 0, limiter };
  let now = 0;
  let started = 0;
  let answered = 0;
  let wakeAt = 0;

  const send = (): void => {
    wakeAt = Number.POSITIVE_INFINITY;
    while (replies.size < slots && (waiting.length > 0 || started < rows)) {
      const call = waiting[0] ?? nextCall();
      const verdict = limiter.admit(call.estimate, now);
      if (!verdict.admitted) {
        if (waiting.length === 0) {
          waiting.push(call);
          started++;
        }
        wakeAt = verdict.until;
        return;
      }
      if (waiting.length > 0) waiting.shift();
      else started++;
      const { afterMs, outcome } = endpoint.call(call.used, now);
      const second = Math.floor(now / 1_000);
      const counts = outcome.kind === "throttled" ? trace.refused : trace.accepted;
      if (outcome.kind !== "overloaded") counts[second] = (counts[second] ?? 0) + 1;
      replies.push(now + afterMs, { call, charge: verdict.charge, admittedAt: now, outcome });
    }
  };

  while (answered < rows && now < untilMs) {
    send();
    const next = Math.min(wakeAt, replies.nextAt, changes[0]?.atMs ?? Number.POSITIVE_INFINITY);
    if (next === Number.POSITIVE_INFINITY) throw new Error(`stuck at ${now} ms`);
    // Timers of a real machine fire up to a millisecond late.
    now = next === wakeAt ? Math.ceil(next) : next;
    while (changes[0] && changes[0].atMs <= now) changes.shift()!.apply(endpoint);
    while (replies.nextAt <= now) {
      const flight = replies.pop();
      limiter.settle(flight, flight.outcome, now);
      if (flight.outcome.kind === "succeeded") answered++;
      else waiting.push(flight.call);
    }
  }
  trace.makespanMs = now;
  return trace;
}
