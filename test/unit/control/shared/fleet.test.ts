import { describe, expect, test } from "vitest";
import { Gate } from "../../../../src/control/gate.ts";
import { Bucket } from "../../../../src/control/limiter/bucket.ts";
import { Limiter } from "../../../../src/control/limiter/limiter.ts";
import type { Limits } from "../../../../src/control/limits.ts";
import type { OutcomeKind } from "../../../../src/domain/outcome.ts";
import { claimedJob } from "../../../helpers/claimed-job.ts";
import { turn } from "../../../helpers/gate-rig.ts";
import { limitsOf } from "../../../helpers/limits.ts";
import { ManualClock } from "../../../helpers/manual-clock.ts";
import { outcomeOf } from "../../../helpers/outcome.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const BREAKER = { failures: 3, cooldownMs: 5_000, probes: 1, on429: false };
const CHARGE = { inputTokens: 10, outputTokens: 0 };
/** So many calls a process has ready at any time. */
const READY = 16;

/** Processes with more to do than an endpoint allows, which tell each other of themselves once a second. */
class Fleet {
  readonly clock = new ManualClock();
  /** When calls were sent. */
  readonly sent: number[] = [];
  inFlight = 0;
  mostInFlight = 0;
  /** What the provider answers, a tenth of a second after a call came. */
  answer: (now: number) => OutcomeKind = () => "succeeded";
  readonly #limits: Limits;
  #shared: string | null = null;
  #jobs = 0;

  constructor(told: Partial<Limits>) {
    this.#limits = limitsOf(told);
  }

  start(name: string, ready = READY): Gate {
    const { clock } = this;
    const random = () => 0.5;
    const place = { now: clock.now(), wall: clock.wall(), maxConcurrency: 64, random };
    const gate = new Gate({
      clock,
      random,
      limiter: new Limiter(this.#limits, place),
      breaker: BREAKER,
      saved: this.#shared,
      name,
      maxConcurrency: 64,
      onEvent: () => {},
    });
    this.#exchange(gate);
    for (let i = 0; i < ready; i += 1) void this.#work(gate);
    return gate;
  }

  async run(forMs: number, gates: readonly Gate[]): Promise<void> {
    const end = this.clock.now() + forMs;
    for (let tick = 0; this.clock.now() < end; tick += 1) {
      const gate = gates[tick % (SECOND / 50)];
      if (gate) this.#exchange(gate);
      this.clock.advance(50);
      await turn();
    }
  }

  /** Calls sent within a time of the run. */
  sentIn(fromMs: number, toMs: number): number {
    return this.sent.filter((at) => at >= fromMs && at < toMs).length;
  }

  #exchange(gate: Gate): void {
    const { text, accept } = gate.exchange(this.#shared);
    this.#shared = text;
    accept();
  }

  async #work(gate: Gate): Promise<void> {
    this.#jobs += 1;
    const permit = await gate.admit(claimedJob(this.#jobs), CHARGE);
    if (!permit) return;
    this.sent.push(this.clock.now());
    const answer = this.answer(this.clock.now());
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    this.clock.timer(this.clock.now() + 100, () => {
      this.inFlight -= 1;
      gate.settle(permit, outcomeOf(answer));
      void this.#work(gate);
    });
  }
}

describe("processes that share an endpoint", () => {
  test("use its quota, and pass it together no more than one would", async () => {
    const fleet = new Fleet({ requestsPerMinute: 600 });
    const gates = ["a", "b", "c"].map((name) => fleet.start(name));
    await fleet.run(3 * MINUTE, gates);
    for (const from of fleet.sent) expect(fleet.sentIn(from, from + MINUTE)).toBeLessThanOrEqual(600);
    expect(fleet.sentIn(MINUTE, 3 * MINUTE)).toBeGreaterThan(0.95 * 1_200);
  });

  test("have no more calls in flight together than were told", async () => {
    const fleet = new Fleet({ concurrency: 6 });
    const gates = ["a", "b", "c"].map((name) => fleet.start(name));
    await fleet.run(SECOND / 20, []);
    expect(fleet.mostInFlight).toBe(6);
    await fleet.run(5 * SECOND, gates);
    fleet.mostInFlight = 0;
    await fleet.run(30 * SECOND, gates);
    expect(fleet.mostInFlight).toBe(6);
  });

  test("take over the share of one that has died", async () => {
    const fleet = new Fleet({ requestsPerMinute: 600 });
    const gates = ["a", "b"].map((name) => fleet.start(name));
    await fleet.run(MINUTE, gates);
    gates[1]!.shut();
    await fleet.run(2 * MINUTE, gates.slice(0, 1));
    expect(fleet.sentIn(2 * MINUTE, 3 * MINUTE)).toBeGreaterThan(0.95 * 600);
  });

  test("find together what nobody told them", async () => {
    const fleet = new Fleet({});
    const bucket = new Bucket(600, 0, null);
    let refused = 0;
    fleet.answer = (now) => {
      bucket.refill(now, 600);
      if (bucket.waitMs(1, now) > 0) {
        refused += 1;
        return "throttled";
      }
      bucket.take(1);
      return "succeeded";
    };
    const gates = ["a", "b", "c"].map((name) => fleet.start(name));
    await fleet.run(5 * MINUTE, gates);
    expect(fleet.sent.length - refused).toBeGreaterThan(0.9 * 3_000);
    expect(refused).toBeLessThan(0.02 * fleet.sent.length);
  });

  test("send no more probes together than one would, and all go on after one of them", async () => {
    const fleet = new Fleet({ concurrency: 30 });
    const gates = ["a", "b", "c"].map((name) => fleet.start(name));
    await fleet.run(10 * SECOND, gates);
    fleet.answer = () => "transient";
    await fleet.run(70 * SECOND, gates);
    // A second after the outage began all have heard of it; then cooldowns of 5, 10, 20 and 40 s.
    expect(fleet.sentIn(12 * SECOND, 80 * SECOND)).toBeLessThanOrEqual(4);
    fleet.answer = () => "succeeded";
    await fleet.run(60 * SECOND, gates);
    expect(gates.map((gate) => gate.breakerState().state)).toEqual(["closed", "closed", "closed"]);
    expect(fleet.sentIn(130 * SECOND, 140 * SECOND)).toBeGreaterThan(0.9 * 3_000);
  });

  test("wait for the one that is to probe a while, and no longer: it may have nothing to probe with", async () => {
    const fleet = new Fleet({ concurrency: 30 });
    const gates = [fleet.start("a", 0), fleet.start("b")];
    await fleet.run(5 * SECOND, gates);
    fleet.answer = () => "transient";
    await fleet.run(3 * SECOND, gates);
    fleet.answer = () => "succeeded";
    const before = fleet.sent.length;
    await fleet.run(10 * SECOND, gates);
    expect(fleet.sent).toHaveLength(before);
    await fleet.run(20 * SECOND, gates);
    expect(gates[1]!.breakerState().state).toBe("closed");
  });
});
