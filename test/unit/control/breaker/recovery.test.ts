import { describe, expect, it } from "vitest";
import type { Open } from "../../../../src/control/breaker/state.ts";
import { BreakerRig } from "../../../helpers/breaker-rig.ts";

function waitOf(rig: BreakerRig): number {
  return (rig.phase as Open).dueAt - rig.now;
}

function failProbe(rig: BreakerRig, job = 50): void {
  rig.coolDown();
  rig.call(job, "transient");
}

describe("the cooldown", () => {
  it("doubles with every failed probe, up to five minutes", () => {
    const rig = new BreakerRig();
    rig.trip();
    const waits = [waitOf(rig)];
    for (let i = 0; i < 6; i += 1) {
      failProbe(rig);
      waits.push(waitOf(rig));
    }
    expect(waits).toEqual([30_000, 60_000, 120_000, 240_000, 300_000, 300_000, 300_000]);
  });

  it("is spread by a fifth either way", () => {
    const waits = [0, 0.999_999].map((random) => {
      const rig = new BreakerRig();
      rig.random = random;
      rig.trip();
      return waitOf(rig);
    });
    expect(waits).toEqual([24_000, 36_000]);
  });

  it("is as long as the user said, even above five minutes", () => {
    const rig = new BreakerRig({ cooldownMs: 600_000 });
    rig.trip();
    expect(waitOf(rig)).toBe(600_000);
  });

  it("is never shorter than a hint, of whichever failure led to it", () => {
    const rig = new BreakerRig({ failures: 2 });
    rig.call(1, "overloaded", { retryAfterMs: 900_000 });
    rig.now += 1_000;
    rig.call(2, "overloaded");
    expect(waitOf(rig)).toBe(899_000);
    failProbe(rig);
    expect(waitOf(rig)).toBe(60_000);
  });
});

describe("the level", () => {
  it("stays when the outage is back within two cooldowns of health", () => {
    const rig = new BreakerRig();
    rig.trip();
    rig.coolDown();
    rig.recover();
    rig.now += 59_000;
    rig.trip();
    expect(waitOf(rig)).toBe(60_000);
  });

  it("sinks by one for every two cooldowns of health", () => {
    const rig = new BreakerRig();
    rig.trip();
    failProbe(rig);
    failProbe(rig);
    rig.coolDown();
    rig.recover();
    rig.now += 2 * 120_000;
    rig.trip();
    expect(waitOf(rig)).toBe(120_000);
    rig.coolDown();
    rig.recover();
    rig.now += 10 * 120_000;
    rig.trip();
    expect(waitOf(rig)).toBe(30_000);
  });
});

describe("half-open", () => {
  it("comes with the clock, without a call being asked for", () => {
    const rig = new BreakerRig();
    rig.trip();
    rig.advance(29_999);
    expect(rig.openings).toBe(0);
    rig.advance(1);
    expect(rig.phase.name).toBe("half-open");
    expect(rig.effects.at(-1)).toEqual({ type: "half-open" });
  });

  it("lets so many probes through at once, and ramps when so many came back well", () => {
    const rig = new BreakerRig({ probes: 3 });
    rig.trip();
    rig.coolDown();
    const probes = [rig.admit(1), rig.admit(2), rig.admit(3)];
    expect(rig.openings).toBe(0);
    rig.end(probes[0]!, "succeeded");
    rig.end(probes[1]!, "succeeded");
    expect(rig.phase.name).toBe("half-open");
    rig.end(probes[2]!, "succeeded");
    expect(rig.phase).toMatchObject({ name: "ramping", limit: 6 });
  });

  it("gives a failed probe its failure back, and the failures of calls caught in flight", () => {
    const rig = new BreakerRig();
    const caught = rig.admit(9);
    rig.trip();
    const led = rig.forgiven.length;
    rig.end(caught, "interrupted");
    failProbe(rig, 50);
    expect(rig.forgiven.slice(led).map(({ job }) => job)).toEqual([9, 50]);
  });

  it("gives a hung probe its failure back, also when another one has passed since", () => {
    const rig = new BreakerRig();
    rig.trip();
    rig.coolDown();
    const hung = rig.admit(50);
    rig.advance(30_000);
    rig.call(51, "succeeded");
    rig.end(hung, "interrupted");
    expect(rig.phase.name).toBe("ramping");
    expect(rig.forgiven.at(-1)).toEqual({ job: 50, attempt: 1 });
  });

  it("is neither ended nor closed by a probe that was throttled or rejected: the next one is let in", () => {
    const rig = new BreakerRig();
    rig.trip();
    rig.coolDown();
    rig.call(1, "throttled");
    rig.call(2, "rejected");
    expect(rig.phase.name).toBe("half-open");
    expect(rig.openings).toBe(1);
  });

  it("waits for a probe as long as calls take", () => {
    const rig = new BreakerRig();
    for (let job = 1; job <= 30; job += 1) rig.call(job, "succeeded", {}, 60_000);
    rig.trip();
    rig.coolDown();
    rig.admit(1);
    rig.advance(170_000);
    expect(rig.openings).toBe(0);
    rig.advance(100_000);
    expect(rig.openings).toBe(1);
  });

  it("has the place of a probe that says nothing free again, and of no other", () => {
    const rig = new BreakerRig({ probes: 3 });
    rig.trip();
    rig.coolDown();
    const [throttled] = [rig.admit(1), rig.admit(2), rig.admit(3)];
    rig.end(throttled!, "throttled");
    expect(rig.openings).toBe(1);
  });
});

describe("the ramp", () => {
  function ramping(maxConcurrency = 64): BreakerRig {
    const rig = new BreakerRig({}, maxConcurrency);
    rig.trip();
    rig.coolDown();
    rig.call(1, "succeeded");
    return rig;
  }

  it("doubles after each clean round and ends at the full concurrency", () => {
    const rig = ramping(16);
    const sizes: number[] = [];
    while (rig.phase.name === "ramping") {
      sizes.push(rig.openings);
      const permits = Array.from({ length: rig.openings }, (_, i) => rig.admit(200 + i));
      for (const permit of permits) rig.end(permit, "succeeded");
    }
    expect(sizes).toEqual([2, 4, 8]);
    expect(rig.phase.name).toBe("closed");
  });

  it("starts a round anew when one call of it fails", () => {
    const rig = ramping();
    rig.admit(3);
    const good = rig.admit(1);
    expect(rig.openings).toBe(0);
    rig.end(good, "succeeded");
    rig.call(2, "transient");
    rig.call(4, "succeeded");
    expect(rig.phase).toMatchObject({ name: "ramping", limit: 2, passed: 1 });
    rig.call(5, "succeeded");
    expect(rig.phase).toMatchObject({ name: "ramping", limit: 4, passed: 0 });
  });

  it("trips on two failures in a row of two jobs, and not of one", () => {
    const one = ramping();
    for (let i = 0; i < 4; i += 1) one.call(7, "transient");
    expect(one.phase.name).toBe("ramping");
    const two = ramping();
    two.call(7, "transient");
    two.call(8, "transient");
    expect(two.phase.name).toBe("open");
  });

  it("ends early when it holds nothing back, in whichever round", () => {
    const rig = ramping();
    rig.call(1, "succeeded");
    rig.call(2, "succeeded");
    expect(rig.phase.name).toBe("closed");
    const later = ramping();
    for (const permit of [later.admit(1), later.admit(2)]) later.end(permit, "succeeded");
    expect(later.phase).toMatchObject({ name: "ramping", limit: 4 });
    for (let job = 1; job <= 4; job += 1) later.call(job, "succeeded");
    expect(later.phase.name).toBe("closed");
  });

  it("opens again when all of its calls hang", () => {
    const rig = new BreakerRig();
    for (let job = 1; job <= 30; job += 1) rig.call(job, "succeeded", {}, 6_000);
    rig.trip();
    rig.coolDown();
    rig.call(1, "succeeded");
    rig.admit(2);
    rig.advance(60_000);
    expect(rig.phase.name).toBe("ramping");
    rig.admit(3);
    rig.advance(60_000);
    expect(rig.phase.name).toBe("open");
  });
});

describe("defects of others", () => {
  it("opossum: a success from before the trip does not close half-open", () => {
    const rig = new BreakerRig();
    const early = rig.admit(9);
    rig.trip();
    rig.coolDown();
    rig.end(early, "succeeded");
    expect(rig.phase).toMatchObject({ name: "half-open", passed: 0 });
  });

  it("cockatiel: a stale failure does not re-open half-open, nor the ramp", () => {
    const rig = new BreakerRig();
    const stale = [rig.admit(8), rig.admit(9)];
    rig.trip();
    rig.coolDown();
    rig.end(stale[0]!, "transient");
    expect(rig.phase.name).toBe("half-open");
    rig.call(1, "succeeded");
    rig.end(stale[1]!, "transient");
    expect(rig.phase).toMatchObject({ name: "ramping", limit: 2 });
  });

  it("opossum, resilience4j #935: a hung probe does not stay half-open for good", () => {
    const rig = new BreakerRig();
    rig.trip();
    rig.coolDown();
    rig.admit(1);
    expect(rig.openings).toBe(0);
    rig.advance(30_000);
    expect(rig.openings).toBe(1);
    rig.call(2, "succeeded");
    expect(rig.phase.name).toBe("ramping");
  });

  it("opossum: calls in flight do not dilute the failure rate", () => {
    const rig = new BreakerRig({ failures: 1_000 });
    for (let job = 0; job < 500; job += 1) rig.admit(job + 1_000);
    for (let job = 1; job <= 10; job += 1) {
      rig.call(job, "succeeded");
      if (rig.openings > 0) rig.call(job + 100, "transient");
    }
    if (rig.openings > 0) rig.call(99, "transient");
    expect(rig.phase.name).toBe("open");
  });

  it("go-zero #5011: a window shorter than the latency does not mis-trip", () => {
    const rig = new BreakerRig({ failures: 1_000 });
    const slow = Array.from({ length: 40 }, (_, i) => rig.admit(i));
    rig.now += 120_000;
    for (const permit of slow) rig.end(permit, "succeeded");
    rig.now += 90_000;
    for (let job = 100; job < 130; job += 1) rig.call(job, "transient");
    // 30 failures of 30 calls within 60 s, but of 70 within twice the p99.
    expect(rig.phase.name).toBe("closed");
  });

  it("litellm #40130: opening again does not shorten the deadline", () => {
    const rig = new BreakerRig();
    const late = Array.from({ length: 20 }, (_, i) => rig.admit(i));
    for (const permit of late.slice(0, 5)) rig.end(permit, "overloaded", { retryAfterMs: 600_000 });
    const { dueAt } = rig.phase as Open;
    rig.now += 1_000;
    for (const permit of late.slice(5)) rig.end(permit, "transient", { retryAfterMs: 1_000 });
    expect(rig.phase).toMatchObject({ name: "open", dueAt });
  });

  it("cockatiel, Polly, resilience4j: closing does not reset the escalation", () => {
    const rig = new BreakerRig();
    for (const expected of [30_000, 60_000, 120_000]) {
      rig.trip();
      expect(waitOf(rig)).toBe(expected);
      rig.coolDown();
      rig.recover();
    }
  });
});
