import { type BreakerEvent, openings, reduce } from "../../src/control/breaker/breaker.ts";
import type { BreakerState, Phase } from "../../src/control/breaker/state.ts";
import { restore, store } from "../../src/control/breaker/stored.ts";
import { type BreakerEffect, type FailureRef, initial } from "../../src/control/breaker/transitions.ts";
import type { BreakerSettings } from "../../src/control/limits.ts";
import type { Permit } from "../../src/control/permit.ts";
import type { Outcome, OutcomeKind } from "../../src/domain/outcome.ts";
import { outcomeOf } from "./outcome.ts";

const NO_CHARGE = { inputTokens: 0, outputTokens: 0, guessedInputTokens: 0 };

/** Drives the breaker's reducer: holds state, time and what was asked of the outside. */
export class BreakerRig {
  state: BreakerState;
  now = 0;
  wall = 1_800_000_000_000;
  /** 0.5 makes a cooldown neither longer nor shorter. */
  random = 0.5;
  readonly settings: BreakerSettings;
  readonly maxConcurrency: number;
  readonly effects: BreakerEffect[] = [];

  constructor(settings: Partial<BreakerSettings> = {}, maxConcurrency = 64) {
    this.settings = { failures: 5, cooldownMs: 30_000, probes: 1, on429: false, ...settings };
    this.maxConcurrency = maxConcurrency;
    this.state = initial(0);
    this.call(0, "succeeded");
  }

  get phase(): Phase {
    return this.state.phase;
  }

  get openings(): number {
    return openings(this.state, this.settings.probes);
  }

  /** Admits a call; fails the test where the breaker would not. */
  admit(job: number, attempt = 1, failures = 0): Permit {
    if (this.openings < 1) throw new Error(`${this.phase.name}: nothing is admitted`);
    const { epoch, phase } = this.state;
    const probe = phase.name === "half-open";
    this.send({ type: "admitted", job, attempt });
    return {
      job,
      attempt,
      failures,
      charge: NO_CHARGE,
      admittedAt: this.now,
      epoch,
      probe,
      answeredAt: null,
      isSettled: false,
    };
  }

  end(permit: Permit, kind: OutcomeKind, details: Partial<Outcome> = {}): void {
    this.send({ type: "ended", permit, outcome: outcomeOf(kind, details) });
  }

  /** One call from admission to end. */
  call(job: number, kind: OutcomeKind, details: Partial<Outcome> = {}, latencyMs = 0): void {
    const permit = this.admit(job);
    this.now += latencyMs;
    this.wall += latencyMs;
    this.end(permit, kind, details);
  }

  advance(ms: number, slotsFull = false): void {
    this.now += ms;
    this.wall += ms;
    this.send({ type: "tick", slotsFull });
  }

  command(command: "open" | "close" | "reset"): void {
    this.send({ type: "command", command });
  }

  /** Five failures in a row, of five jobs from `job` on. */
  trip(job = 100): void {
    for (let i = 0; i < this.settings.failures; i += 1) this.call(job + i, "transient");
  }

  /** Until the cooldown is over, and one tick. */
  coolDown(): void {
    if (this.phase.name !== "open") throw new Error(`${this.phase.name}: no cooldown`);
    this.advance(this.phase.dueAt - this.now);
  }

  /** From half-open through the ramp. */
  recover(): void {
    while (this.phase.name !== "closed") {
      const permits = Array.from({ length: this.openings }, (_, i) => this.admit(1_000 + i));
      for (const permit of permits) this.end(permit, "succeeded");
    }
  }

  /** Stores the state and loads it in a process with another monotonic clock, after the wall clock jumped. */
  restart(wallJumpMs = 0): void {
    const stored = JSON.parse(JSON.stringify(store(this.state, this)));
    this.now += 5_000_000;
    this.wall += wallJumpMs;
    this.state = restore(stored, this);
  }

  /** All failures that were reported to be given back. */
  get forgiven(): FailureRef[] {
    return this.effects.flatMap((effect) => ("forgive" in effect ? effect.forgive : []));
  }

  private send(event: BreakerEvent): void {
    const context = { ...this, random: () => this.random, now: this.now, wall: this.wall };
    const { state, effects } = reduce(this.state, event, context);
    this.state = state;
    this.effects.push(...effects);
  }
}
