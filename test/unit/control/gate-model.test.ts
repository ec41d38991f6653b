import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GateEvent } from "../../../src/control/gate-event.ts";
import type { Permit } from "../../../src/control/permit.ts";
import { OUTCOME_RULES, type OutcomeKind } from "../../../src/domain/outcome.ts";
import { FakeLimiter } from "../../helpers/fake-limiter.ts";
import { GateRig, turn } from "../../helpers/gate-rig.ts";
import { ManualClock } from "../../helpers/manual-clock.ts";
import { outcomeOf } from "../../helpers/outcome.ts";

const BREAKER = { failures: 3, cooldownMs: 2_000, probes: 2, on429: false };
/** Above the longest cooldown. */
const LONGEST_HINT_MS = 600_000;

type Action =
  | { do: "ask"; tokens: number }
  /** Ends the call in flight at this place: low places are the stale ones. What is never ended hangs. */
  | { do: "end"; place: number; kind: OutcomeKind; hintMs: number | null }
  | { do: "advance"; ms: number }
  | { do: "restart"; wallJumpMs: number };

const KINDS: OutcomeKind[] = [
  "succeeded",
  "transient",
  "overloaded",
  "interrupted",
  "unreachable",
  "throttled",
  "rejected",
];

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("ask" as const), tokens: fc.nat(1_000) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("end" as const),
      place: fc.nat(20),
      kind: fc.constantFrom(...KINDS),
      hintMs: fc.option(fc.nat(LONGEST_HINT_MS), { freq: 5 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("advance" as const), ms: fc.nat(60_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("restart" as const),
      wallJumpMs: fc.integer({ min: -1e9, max: 1e9 }),
    }),
  },
);

/** A gate under random use; every step checks what must always hold. */
class Model {
  rig = new GateRig({
    limiter: new FakeLimiter(8),
    breaker: BREAKER,
  });
  readonly #inFlight: Permit[] = [];
  #granted = 0;
  #asked = 0;
  /** Those asked of this gate: the ones before the last restart are gone, or asked again. */
  #askedHere = 0;

  async run(action: Action): Promise<void> {
    switch (action.do) {
      case "ask":
        await this.#ask(action.tokens);
        break;
      case "end":
        await this.#end(action.place, action.kind, action.hintMs);
        break;
      case "advance":
        await this.rig.advance(action.ms);
        break;
      case "restart":
        await this.#restart(action.wallJumpMs);
        break;
    }
    this.#collect();
  }

  get #state(): string {
    return this.rig.gate.breakerState().state;
  }

  /** An open breaker admits nothing. */
  async #ask(tokens: number): Promise<void> {
    this.#asked += 1;
    this.#askedHere += 1;
    const { length } = this.rig.permits;
    const open = this.#state === "open";
    await this.rig.ask(this.#asked, tokens);
    if (open) expect(this.rig.permits).toHaveLength(length);
  }

  async #end(place: number, kind: OutcomeKind, retryAfterMs: number | null): Promise<void> {
    const permit = this.#inFlight[place];
    if (!permit) return;
    const { gate, events, limiter, permits } = this.rig;
    const before = {
      state: gate.breakerState(),
      events: events.length,
      settled: limiter.settled,
      permits: permits.length,
    };
    const outcome = outcomeOf(kind, { retryAfterMs });
    gate.settle(permit, outcome);
    await turn();
    this.#inFlight.splice(place, 1);
    expect(limiter.settled).toBe(before.settled + 1);
    expect(() => gate.settle(permit, outcome)).toThrow();
    if (before.state.state !== "open") return;
    expect(gate.breakerState()).toEqual(before.state);
    expect(permits).toHaveLength(before.permits);
    if (OUTCOME_RULES[kind].forgivable) this.#expectForgiven(events.slice(before.events), permit);
  }

  /** Failures never count while open. */
  #expectForgiven(events: readonly GateEvent[], { job, attempt }: Permit): void {
    expect(events).toContainEqual({ type: "forgive", forgive: [{ job, attempt }] });
  }

  /** A restart changes nothing: but for the calls in flight, and a half-open breaker, which probes anew. */
  async #restart(wallJumpMs: number): Promise<void> {
    const { gate, clock, refused } = this.rig;
    const saved = gate.exchange(null).text;
    const before = gate.breakerState();
    const waited = before.retryAt === null ? 0 : before.retryAt - clock.wall();
    gate.shut();
    await turn();
    const again = refused.length;
    const next = new ManualClock(clock.wall() + wallJumpMs);
    this.rig = new GateRig({ clock: next, limiter: new FakeLimiter(8), breaker: BREAKER, saved });
    this.#inFlight.length = 0;
    this.#granted = 0;
    this.#askedHere = 0;
    const after = this.rig.gate.breakerState();
    expect(after.state).toBe(before.state === "half-open" ? "open" : before.state);
    if (before.state === "open" && wallJumpMs === 0)
      expect(after.retryAt! - next.wall()).toBe(Math.max(0, waited));
    expect((after.retryAt ?? 0) - next.wall()).toBeLessThanOrEqual(LONGEST_HINT_MS);
    for (let i = 0; i < again; i += 1) await this.#ask(10);
  }

  #collect(): void {
    this.#inFlight.push(...this.rig.permits.slice(this.#granted));
    this.#granted = this.rig.permits.length;
  }

  /** Whatever happened: a provider that is well again is found to be, and everybody who waits gets through. */
  async heal(): Promise<void> {
    await this.#ask(1);
    for (let step = 0; step < 500 && !this.#idle; step += 1) {
      this.#collect();
      const permit = this.#inFlight.pop();
      if (permit) this.rig.gate.settle(permit, outcomeOf("succeeded"));
      else this.rig.clock.advanceToNext();
      await turn();
    }
    expect(this.rig.permits).toHaveLength(this.#askedHere);
    expect(this.rig.refused).toEqual([]);
    this.rig.gate.shut();
    expect(this.rig.clock.pending).toBe(0);
  }

  get #idle(): boolean {
    return this.rig.permits.length === this.#askedHere && this.#inFlight.length === 0;
  }
}

describe("a gate under any sequence of calls, hangs, restarts and clock jumps", () => {
  it("admits nothing while open, always probes in the end, and settles each permit once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 20, maxLength: 120 }), async (actions) => {
        const model = new Model();
        for (const next of actions) await model.run(next);
        await model.heal();
      }),
      { numRuns: 300 },
    );
  });
});
