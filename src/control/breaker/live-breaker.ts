import type { Clock } from "../../ports/clock.ts";
import type { Random } from "../../ports/random.ts";
import type { BreakerSettings } from "../limits.ts";
import { type BreakerEvent, nextTick, openings, reduce } from "./breaker.ts";
import type { BreakerState, Phase } from "./state.ts";
import { announce, merge, restore, type StoredBreaker, store } from "./stored.ts";
import { type BreakerEffect, type Context, initial, type Step, stay } from "./transitions.ts";
import { type BreakerView, viewOf } from "./view.ts";

interface LiveBreakerOptions {
  clock: Clock;
  random: Random;
  settings: BreakerSettings;
  maxConcurrency: number;
  onEffect(effect: BreakerEffect): void;
}

/** The breaker of an endpoint as this process has it: the machine's state, moved on by what is seen. */
export class LiveBreaker {
  readonly #options: LiveBreakerOptions;
  #state: BreakerState;

  /** @param saved what this process or another left; null the first time */
  constructor(options: LiveBreakerOptions, saved: StoredBreaker | null) {
    this.#options = options;
    const { now, wall } = this.#context();
    this.#state = saved ? restore(saved, { now, wall }) : initial(now);
  }

  see(event: BreakerEvent): void {
    this.#apply(reduce(this.#state, event, this.#context()));
  }

  get phase(): Phase {
    return this.#state.phase;
  }

  get epoch(): number {
    return this.#state.epoch;
  }

  /** Jobs that probed in this outage, the latest last. */
  get probed(): readonly number[] {
    return this.#state.probed;
  }

  get view(): BreakerView {
    return viewOf(this.#state.phase);
  }

  /** Whether it lets no ordinary call through. */
  get isDown(): boolean {
    return ["open", "half-open", "blocked"].includes(this.#state.phase.name);
  }

  /** How many more calls it lets through now. */
  get openings(): number {
    return openings(this.#state, this.#options.settings.probes);
  }

  /** When time alone can move it; Infinity when only a call's end can. */
  nextTick(slotsFull: boolean): number {
    return nextTick(this.#state, slotsFull);
  }

  /** What it would tell a newcomer; nothing while it is closed. */
  get news(): readonly BreakerEffect[] {
    return this.#state.phase.name === "closed" ? [] : announce(this.#state);
  }

  /** What to write for other processes, given what they wrote. Changes nothing. */
  merged(theirs: StoredBreaker | null): StoredBreaker {
    return store(this.#merge(theirs).state, this.#context());
  }

  /** Takes over what other processes wrote. */
  adopt(theirs: StoredBreaker | null): void {
    this.#apply(this.#merge(theirs));
  }

  #merge(theirs: StoredBreaker | null): Step {
    return theirs ? merge(this.#state, theirs, this.#context()) : stay(this.#state);
  }

  #apply({ state, effects }: Step): void {
    this.#state = state;
    for (const effect of effects) this.#options.onEffect(effect);
  }

  #context(): Context {
    const { clock, random, settings, maxConcurrency } = this.#options;
    return { now: clock.now(), wall: clock.wall(), random, settings, maxConcurrency };
  }
}
