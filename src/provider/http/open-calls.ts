import { Bag, type Held } from "../../domain/bag.ts";
import type { CancelTimer, Clock } from "../../ports/clock.ts";

/** A call that can be ended from outside. */
export interface OpenCall {
  readonly signal: AbortSignal;
  /** When it has taken too long, on the monotonic clock. */
  readonly deadline: number;
  expire(): void;
  abort(): void;
}

/**
 * The calls of a client that are under way, each ended at its deadline or by its signal. They share one timer and one listener for
 * each signal: with those of its own a call took 4 us more.
 */
export class OpenCalls {
  readonly #clock: Clock;
  readonly #calls = new Bag<OpenCall>();
  /** The signals that are listened to. */
  readonly #signals: AbortSignal[] = [];
  #timerAt = Number.POSITIVE_INFINITY;
  #cancelTimer: CancelTimer = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(call: OpenCall): Held<OpenCall> {
    if (call.deadline < this.#timerAt) this.#setTimer(call.deadline);
    if (!this.#signals.includes(call.signal)) {
      this.#signals.push(call.signal);
      call.signal.addEventListener("abort", this.#onAbort);
    }
    return this.#calls.add(call);
  }

  /** With the last one the timer and the listeners are gone as well. */
  remove(held: Held<OpenCall>): void {
    this.#calls.remove(held);
    if (this.#calls.size > 0) return;
    this.#cancelTimer();
    this.#timerAt = Number.POSITIVE_INFINITY;
    for (const signal of this.#signals.splice(0)) signal.removeEventListener("abort", this.#onAbort);
  }

  readonly #onAbort = (): void => {
    for (const call of this.#calls.things) if (call.signal.aborted) call.abort();
  };

  #setTimer(at: number): void {
    this.#cancelTimer();
    this.#timerAt = at;
    this.#cancelTimer = this.#clock.timer(at, () => this.#onTimer());
  }

  /** Often the call that it was set for has ended long ago, and the timer is only set anew. */
  #onTimer(): void {
    const now = this.#clock.now();
    let next = Number.POSITIVE_INFINITY;
    for (const call of this.#calls.things) {
      if (call.deadline <= now) call.expire();
      else next = Math.min(next, call.deadline);
    }
    if (this.#calls.size > 0) this.#setTimer(next);
  }
}
