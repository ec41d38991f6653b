import type { Random } from "../../ports/random.ts";

/** A wait is lengthened by up to this share, so that processes don't come back together, but a day's not by hours. */
const JITTER = 0.1;
const MOST_JITTER_MS = 60_000;

/**
 * Refusals come back at once, answers take seconds. A probe that is still out after this many times the slowest refusal
 * was let in: waiting for its answer would leave 6 s of quota unused at each refusal.
 */
const SILENCE_FACTOR = 4;
const SHORTEST_SILENCE_MS = 500;

/** How long to wait where the provider doesn't say: doubled at each refusal of a probe. */
export interface Waits {
  firstMs: number;
  longestMs: number;
}

export interface ThrottleState {
  /** When the block ends; null when there was none. Monotonic in memory, wall clock where it is stored. */
  until: number | null;
  streak: number;
  probing: boolean;
  /** How often the block was ended by hand; missing where it was stored by an older version. */
  lifts?: number;
}

/** As of an endpoint that never refused a call. */
const UNBLOCKED: ThrottleState = { until: null, streak: 0, probing: false };

/** The state after the block was ended by hand, which every process that shares it takes over. */
export function lifted(state: ThrottleState): ThrottleState {
  return { ...UNBLOCKED, lifts: (state.lifts ?? 0) + 1 };
}

/**
 * States: open; blocked until a moment; probing, where the provider gave no hint: one call at a time until one passes.
 * Any refusal blocks. Time leads from blocked to open or probing, a pass from probing to open. Calls that were sent before
 * the block neither open it nor count as a further refusal, but a longer hint of theirs is obeyed.
 */
export class Throttle {
  #state: ThrottleState;
  #blockedAt = Number.NEGATIVE_INFINITY;
  #probeAt: number | null = null;
  #refusalMs = 0;

  constructor(saved: ThrottleState | null) {
    this.#state = saved ?? { ...UNBLOCKED };
  }

  get state(): ThrottleState {
    return { ...this.#state };
  }

  /** What is to be written for others: what they ended by hand stays so. */
  stateWith(shared: ThrottleState | null): ThrottleState {
    return shared && this.#isLiftedIn(shared) ? shared : this.state;
  }

  /** Takes over what `stateWith` gave. @returns whether that ended the block */
  adopt(written: ThrottleState): boolean {
    if (!this.#isLiftedIn(written)) return false;
    this.#state = { ...written };
    this.#probeAt = null;
    return true;
  }

  #isLiftedIn({ lifts = 0 }: ThrottleState): boolean {
    return lifts > (this.#state.lifts ?? 0);
  }

  get probing(): boolean {
    return this.#state.probing;
  }

  /** The earliest moment at which a call may go; `now` when one may go at once. */
  opensAt(now: number): number {
    const { until, probing } = this.#state;
    if (until !== null && now < until) return until;
    if (!probing || this.#probeAt === null) return now;
    const silentAt = this.#probeAt + Math.max(SHORTEST_SILENCE_MS, SILENCE_FACTOR * this.#refusalMs);
    if (now >= silentAt) this.#open();
    return Math.max(now, silentAt);
  }

  admitted(now: number): void {
    if (this.#state.probing) this.#probeAt = now;
  }

  /** Returns whether this speaks against the rate: not if the call was sent before the block, or alone. */
  refused(admittedAt: number, now: number, hintMs: number | null, waits: Waits, random: Random): boolean {
    const stale = admittedAt <= this.#blockedAt;
    const probe = admittedAt === this.#probeAt;
    if (stale && hintMs === null) return false;
    if (!stale) this.#block(now, now - admittedAt, hintMs === null);
    const { firstMs, longestMs } = waits;
    const waitMs = hintMs ?? Math.min(longestMs, firstMs * 2 ** (this.#state.streak - 1));
    const until = now + waitMs + Math.min(MOST_JITTER_MS, JITTER * waitMs) * random();
    this.#state.until = Math.max(this.#state.until ?? until, until);
    return !stale && !probe;
  }

  /** The provider let a call in. */
  passed(admittedAt: number): void {
    if (this.#state.probing && admittedAt > this.#blockedAt) this.#open();
  }

  /** A call ended without a word from the provider: if it was the probe, the next one may go. */
  vanished(admittedAt: number): void {
    if (admittedAt === this.#probeAt) this.#probeAt = null;
  }

  #block(now: number, refusalMs: number, probing: boolean): void {
    this.#blockedAt = now;
    this.#probeAt = null;
    this.#refusalMs = Math.max(refusalMs, 0.8 * this.#refusalMs);
    this.#state.probing = probing;
    this.#state.streak = probing ? this.#state.streak + 1 : 0;
  }

  #open(): void {
    this.#probeAt = null;
    this.#state.probing = false;
    this.#state.streak = 0;
  }
}
