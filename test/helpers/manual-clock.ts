import type { CancelTimer, Clock } from "../../src/ports/clock.ts";

interface Timer {
  at: number;
  fire: () => void;
}

interface Waiter {
  timers: number;
  resolve: () => void;
}

/** A clock that stands still until it is told to go on. Timers fire in the order of their times, then of their making. */
export class ManualClock implements Clock {
  #now = 0;
  #wallAtStart: number;
  readonly #timers = new Set<Timer>();
  #waiters: Waiter[] = [];

  /** `wallMs` is the wall clock at `now() === 0`. Default: 2026-01-01T00:00:00Z. */
  constructor(wallMs = Date.UTC(2026, 0, 1)) {
    this.#wallAtStart = wallMs;
  }

  /** Timers that are set. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#now;
  }

  wall(): number {
    return Math.floor(this.#wallAtStart + this.#now);
  }

  /** Sets the wall clock forward, or back; the monotonic one goes on as it was. */
  jumpWall(byMs: number): void {
    this.#wallAtStart += byMs;
  }

  timer(at: number, fire: () => void): CancelTimer {
    const timer = { at, fire };
    this.#timers.add(timer);
    this.#wake();
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Lets time pass; each timer fires at its own moment, those set on the way included. */
  advance(durationMs: number): void {
    const end = this.#now + durationMs;
    for (let next = this.#next(); next && next.at <= end; next = this.#next()) this.#fire(next);
    this.#now = end;
  }

  /** Goes to the next timer and fires it. False when none is set. */
  advanceToNext(): boolean {
    const next = this.#next();
    if (next) this.#fire(next);
    return next !== undefined;
  }

  /** Resolves once at least so many timers are set, however long real things take to set them. */
  timersSet(timers: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push({ timers, resolve });
      this.#wake();
    });
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (!next || timer.at < next.at) next = timer;
    return next;
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer);
    this.#now = Math.max(this.#now, timer.at);
    timer.fire();
  }

  #wake(): void {
    const ready = this.#waiters.filter((waiter) => waiter.timers <= this.pending);
    this.#waiters = this.#waiters.filter((waiter) => waiter.timers > this.pending);
    for (const { resolve } of ready) resolve();
  }
}
