import { describe, expect, it } from "vitest";
import { Gate } from "../../../src/control/gate.ts";
import type { GateEvent } from "../../../src/control/gate-event.ts";
import { Limiter } from "../../../src/control/limiter/limiter.ts";
import { claimedJob } from "../../helpers/claimed-job.ts";
import { FakeLimiter } from "../../helpers/fake-limiter.ts";
import { type GateRig, gateRig, turn } from "../../helpers/gate-rig.ts";
import { ManualClock } from "../../helpers/manual-clock.ts";
import { outcomeOf } from "../../helpers/outcome.ts";

const SETTINGS = { failures: 5, cooldownMs: 30_000, probes: 1, on429: false };

describe("a stall", () => {
  async function hang(calls: number, maxConcurrency: number): Promise<GateRig> {
    const rig = gateRig({ maxConcurrency });
    for (let job = 1; job <= 30; job += 1) await rig.call(job, "succeeded");
    for (let job = 41; job < 41 + calls; job += 1) await rig.ask(job);
    await rig.advance(3_600_000);
    return rig;
  }

  it("is told by the clock, where all slots hang", async () => {
    const rig = await hang(2, 2);
    expect(rig.gate.inFlight).toBe(2);
    expect(rig.gate.breakerState().state).not.toBe("closed");
  });

  it("is none of one call, which may be its row's own fault", async () => {
    expect((await hang(1, 1)).gate.breakerState().state).toBe("closed");
  });
});

describe("admission", () => {
  it("is first come first served, however large the prompt", async () => {
    const rig = gateRig({ limiter: new FakeLimiter(1) });
    await rig.ask(1);
    await rig.ask(2, 1_000_000);
    await rig.ask(3, 1);
    expect(rig.jobs).toEqual([1]);
    await rig.end(1, "succeeded");
    expect(rig.jobs).toEqual([1, 2]);
    await rig.end(2, "succeeded");
    expect(rig.jobs).toEqual([1, 2, 3]);
  });

  it("waits for quota with one timer, and asks the limiter once a call", async () => {
    const rig = gateRig();
    rig.limiter.blockedUntil = 12_000;
    for (let job = 1; job <= 50; job += 1) await rig.ask(job);
    expect(rig.clock.pending).toBe(1);
    expect(rig.limiter.asked).toBe(50);
    expect(rig.gate.waitingFor()).toEqual({ reason: "throttled", until: 12_000 });
    await rig.advance(11_999);
    expect(rig.permits).toEqual([]);
    await rig.advance(1);
    expect(rig.permits).toHaveLength(50);
    expect(rig.limiter.asked).toBe(100);
    expect(rig.gate.waitingFor()).toBeNull();
  });

  it("says that only the end of a call can free a slot", async () => {
    const rig = gateRig({ limiter: new FakeLimiter(1) });
    await rig.ask(1);
    await rig.ask(2);
    expect(rig.gate.waitingFor()).toEqual({ reason: "concurrency", until: null });
    expect(rig.clock.pending).toBe(0);
  });

  it("gives the permit what the limiter took, and when", async () => {
    const rig = gateRig();
    await rig.advance(77);
    await rig.ask(4, 30, 3);
    const charge = { inputTokens: 30, outputTokens: 0, guessedInputTokens: 30 };
    expect(rig.permits).toEqual([
      {
        job: 4,
        attempt: 3,
        failures: 0,
        charge,
        admittedAt: 77,
        epoch: 0,
        probe: false,
        answeredAt: null,
        isSettled: false,
      },
    ]);
  });

  it("openai-cookbook, openlimit #8: an estimate above the quota does not wait forever", async () => {
    const clock = new ManualClock();
    const limits = {
      requestsPerMinute: 60,
      tokensPerMinute: 6_000,
      inputTokensPerMinute: "auto" as const,
      outputTokensPerMinute: "auto" as const,
      requestsPerDay: "auto" as const,
      tokensPerDay: "auto" as const,
      concurrency: "auto" as const,
      share: 1,
    };
    const made = { now: clock.now(), wall: clock.wall(), maxConcurrency: 8, random: () => 0.5 };
    const onEvent = (): void => {};
    const limiter = new Limiter(limits, made);
    const gate = new Gate({
      clock,
      random: () => 0.5,
      limiter,
      breaker: SETTINGS,
      saved: null,
      name: "test",
      maxConcurrency: 8,
      onEvent,
    });
    const admitted: number[] = [];
    for (const [job, inputTokens] of [10, 1_000_000, 10].entries()) {
      void gate
        .admit(claimedJob(job), { inputTokens, outputTokens: 0 })
        .then((permit) => permit && admitted.push(job));
    }
    clock.advance(10_000);
    await turn();
    expect(admitted).toEqual([0, 1]);
    gate.shut();
  });
});

describe("settling", () => {
  it("happens once for each permit", async () => {
    const rig = gateRig();
    await rig.call(1, "succeeded");
    expect(() => rig.gate.settle(rig.permits[0]!, outcomeOf("succeeded"))).toThrow(
      "attempt 1 of job 1 isn't in flight",
    );
    expect(rig.limiter.settled).toBe(1);
  });

  it("tells a limit's block once, and again when it is longer", async () => {
    const rig = gateRig();
    for (const job of [1, 2, 3]) await rig.ask(job);
    await rig.end(1, "throttled", { retryAfterMs: 5_000 });
    await rig.end(2, "throttled", { retryAfterMs: 5_000 });
    await rig.end(3, "exhausted", { retryAfterMs: 3_600_000 });
    expect(rig.events).toEqual([
      { type: "throttled", until: 5_000 },
      { type: "exhausted", until: 3_600_000 },
    ]);
  });
});

describe("room", () => {
  it("is what the limiter will admit soon, less those who wait and those still without a slot", async () => {
    const rig = gateRig({ limiter: new FakeLimiter(4) });
    expect(rig.gate.room(250, 0)).toBe(4);
    expect(rig.gate.room(250, 1)).toBe(3);
    for (const job of [1, 2, 3]) await rig.ask(job);
    expect(rig.gate.room(250, 0)).toBe(1);
    expect(rig.gate.room(250, 1)).toBe(0);
  });

  it("keeps one job waiting while quota is out, so that the timer wakes the drain", async () => {
    const rig = gateRig();
    rig.limiter.blockedUntil = 9_000;
    expect(rig.gate.room(250, 0)).toBe(1);
    await rig.ask(1);
    expect(rig.gate.room(250, 0)).toBe(0);
  });

  it("is the ramp's while ramping", async () => {
    const rig = gateRig();
    await rig.trip();
    await rig.advance(30_000);
    await rig.call(1, "succeeded");
    expect(rig.told.at(-1)).toBe("ramping");
    expect(rig.gate.room(250, 0)).toBe(2);
  });
});

describe("a gate", () => {
  it("turns away who waits and who comes once it is closed, and still settles calls in flight", async () => {
    const rig = gateRig({ limiter: new FakeLimiter(1) });
    await rig.ask(1);
    await rig.ask(2);
    rig.gate.shut();
    await rig.ask(3);
    expect(rig.refused).toEqual([2, 3]);
    expect(rig.gate.room(250, 0)).toBe(0);
    await rig.end(1, "succeeded");
    expect(rig.limiter.settled).toBe(1);
  });

  it("may be told what to do by who listens to it", async () => {
    let gate: Gate | null = null;
    const events: GateEvent[] = [];
    const rig = gateRig({
      onEvent: (event) => {
        events.push(event);
        if (event.type === "opened") gate?.shut();
      },
    });
    gate = rig.gate;
    await rig.ask(1);
    await rig.trip();
    await rig.ask(2);
    expect(rig.refused).toEqual([2]);
    expect(events).toHaveLength(1);
  });
});
