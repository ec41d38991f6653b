import { Limiter } from "../../src/control/limiter/limiter.ts";
import type { Limits } from "../../src/control/limits.ts";
import type { Reservation } from "../../src/control/permit.ts";
import type { Outcome } from "../../src/domain/outcome.ts";
import type { Charge } from "../../src/domain/usage.ts";
import type { Random } from "../../src/ports/random.ts";
import { TimeHeap } from "./time-heap.ts";

interface Simulation<R> {
  limits: Limits;
  slots: number;
  random: Random;
  /** The next row; there is no end of them but `rows`. */
  nextRow: () => R;
  /** The provider: what becomes of a call sent now, and when. */
  call: (row: R, now: number) => { afterMs: number; outcome: Outcome };
  /** Things that happen to the provider. */
  changes?: readonly { atMs: number; apply: () => void }[];
  /** Ends when so many rows are answered, or at a moment. */
  rows?: number;
  untilMs?: number;
}

/** Calls by the second in which they were sent. */
export interface Trace {
  accepted: number[];
  refused: number[];
  endedMs: number;
}

interface Flight<R> {
  row: R;
  charge: Reservation;
  admittedAt: number;
  outcome: Outcome;
}

/** Drives a limiter through virtual time: a FIFO loop with so many slots. */
export function simulate<R extends { estimate: Charge }>(simulation: Simulation<R>): Trace {
  return new Loop(simulation).run();
}

class Loop<R extends { estimate: Charge }> {
  readonly #simulation: Simulation<R>;
  readonly #limiter: Limiter;
  readonly #flights = new TimeHeap<Flight<R>>();
  /** Rows to be sent again, and the one that was asked for and has to wait. */
  readonly #waiting: R[] = [];
  readonly #accepted: number[] = [];
  readonly #refused: number[] = [];
  #now = 0;
  #started = 0;
  #answered = 0;
  #wakeAt = 0;

  constructor(simulation: Simulation<R>) {
    const { limits, slots, random } = simulation;
    this.#simulation = simulation;
    this.#limiter = new Limiter(limits, { now: 0, wall: 0, maxConcurrency: slots, random });
  }

  run(): Trace {
    const { rows = Infinity, untilMs = Infinity } = this.#simulation;
    const changes = [...(this.#simulation.changes ?? [])];
    while (this.#answered < rows && this.#now < untilMs) {
      this.#send();
      const next = Math.min(this.#wakeAt, this.#flights.nextAt, changes[0]?.atMs ?? Infinity);
      if (next === Infinity) throw new Error(`Nothing can happen any more at ${this.#now} ms.`);
      // A timer fires in whole milliseconds, and never early.
      this.#now = next === this.#wakeAt ? Math.ceil(next) : next;
      while (changes[0] && changes[0].atMs <= this.#now) changes.shift()!.apply();
      while (this.#flights.nextAt <= this.#now) this.#land(this.#flights.pop());
    }
    return { accepted: this.#accepted, refused: this.#refused, endedMs: this.#now };
  }

  #send(): void {
    const { slots, rows = Infinity, nextRow } = this.#simulation;
    this.#wakeAt = Infinity;
    while (this.#flights.size < slots) {
      if (this.#waiting.length === 0) {
        if (this.#started === rows) return;
        this.#waiting.push(nextRow());
        this.#started++;
      }
      const admitted = this.#offer(this.#waiting[0]!);
      if (!admitted) return;
      this.#waiting.shift();
    }
  }

  #offer(row: R): boolean {
    const now = this.#now;
    const verdict = this.#limiter.admit(row.estimate, now);
    if (!verdict.admitted) {
      this.#wakeAt = verdict.until;
      return false;
    }
    const { afterMs, outcome } = this.#simulation.call(row, now);
    count(outcome.kind === "throttled" ? this.#refused : this.#accepted, outcome, now);
    this.#flights.push(now + afterMs, { row, charge: verdict.charge, admittedAt: now, outcome });
    return true;
  }

  #land(flight: Flight<R>): void {
    this.#limiter.settle(flight, flight.outcome, this.#now);
    if (flight.outcome.kind === "succeeded") this.#answered++;
    else this.#waiting.push(flight.row);
  }
}

function count(seconds: number[], { kind }: Outcome, now: number): void {
  const second = Math.floor(now / 1_000);
  if (kind !== "overloaded") seconds[second] = (seconds[second] ?? 0) + 1;
}
