import { expect } from "vitest";
import { Gate, type GateOptions } from "../../src/control/gate.ts";
import type { GateEvent } from "../../src/control/gate-event.ts";
import type { Permit } from "../../src/control/permit.ts";
import type { Outcome, OutcomeKind } from "../../src/domain/outcome.ts";
import { afterTest } from "./after-test.ts";
import { claimedJob } from "./claimed-job.ts";
import { FakeLimiter } from "./fake-limiter.ts";
import { ManualClock } from "./manual-clock.ts";
import { outcomeOf } from "./outcome.ts";

/** A gate on a manual clock, with a list of what it let go and told. */
export class GateRig {
  readonly clock: ManualClock;
  readonly limiter: FakeLimiter;
  readonly gate: Gate;
  readonly events: GateEvent[] = [];
  /** Permits in the order they were given. */
  readonly permits: Permit[] = [];
  /** Jobs that were turned away. */
  readonly refused: number[] = [];

  constructor(
    options: Partial<Omit<GateOptions, "clock" | "limiter">> & {
      clock?: ManualClock;
      limiter?: FakeLimiter;
    } = {},
  ) {
    this.clock = options.clock ?? new ManualClock();
    this.limiter = options.limiter ?? new FakeLimiter();
    this.gate = new Gate({
      random: () => 0.5,
      breaker: { failures: 5, cooldownMs: 30_000, probes: 1, on429: false },
      saved: null,
      name: "test",
      maxConcurrency: 64,
      onEvent: (event) => this.events.push(event),
      ...options,
      clock: this.clock,
      limiter: this.limiter,
    });
  }

  /** Jobs that were let go, in order. */
  get jobs(): number[] {
    return this.permits.map(({ job }) => job);
  }

  /** Types of what was told, in order. */
  get told(): string[] {
    return this.events.map((event) => event.type);
  }

  /** Asks for a call; what becomes of it shows after a turn of the event loop. */
  async ask(job: number, tokens = 10, attempt = 1): Promise<void> {
    void this.gate
      .admit(claimedJob(job, { attempt }), { inputTokens: tokens, outputTokens: 0 })
      .then((permit) => (permit ? this.permits.push(permit) : this.refused.push(job)));
    await turn();
  }

  async end(job: number, kind: OutcomeKind, details: Partial<Outcome> = {}): Promise<void> {
    this.gate.settle(this.permits.findLast((permit) => permit.job === job)!, outcomeOf(kind, details));
    await turn();
  }

  async call(job: number, kind: OutcomeKind, details: Partial<Outcome> = {}): Promise<void> {
    await this.ask(job);
    await this.end(job, kind, details);
  }

  async advance(ms: number): Promise<void> {
    this.clock.advance(ms);
    await turn();
  }

  async trip(): Promise<void> {
    await this.call(900, "succeeded");
    for (let job = 901; job <= 905; job += 1) await this.call(job, "transient");
  }
}

/** A gate that is shut after the test, when it may have no timer left. */
export function gateRig(options?: ConstructorParameters<typeof GateRig>[0]): GateRig {
  const rig = new GateRig(options);
  afterTest(() => {
    rig.gate.shut();
    expect(rig.clock.pending).toBe(0);
  });
  return rig;
}

/** Lets everything that is ready run. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
