import { describe, expect, test } from "vitest";
import type { Limiter } from "../../../../src/control/limiter/limiter.ts";
import type { OutcomeKind, QuotaReport } from "../../../../src/domain/outcome.ts";
import { type Flight, LimiterRig } from "../../../helpers/limiter-rig.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const factorOf = ({ limiter, now }: LimiterRig): number => limiter.describe(now).factor;

/** How many calls go within a time, each answered at once. */
function callsIn(ms: number, rig: LimiterRig): number {
  const end = rig.now + ms;
  for (let calls = 0; ; calls += 1) {
    const { flight } = rig.waitFor();
    if (rig.now >= end) return calls;
    rig.settle(flight, "succeeded");
  }
}

describe("a refusal", () => {
  test("slows a told limit down, and a minute without one brings it back", () => {
    const rig = new LimiterRig({ requestsPerMinute: 6_000 });
    callsIn(MINUTE, rig);
    rig.settle(rig.waitFor().flight, "throttled", { retryAfterMs: 10 });
    const factor = factorOf(rig);
    expect(factor).toBeLessThanOrEqual(0.92);
    expect(callsIn(1_000, rig)).toBeLessThanOrEqual(0.98 * factor * 100 + 1);
    callsIn(MINUTE, rig);
    expect(factorOf(rig)).toBeCloseTo(1, 1);
  });

  test("leaves nothing to be caught up with after the wait that it asked for", () => {
    const rig = new LimiterRig({ requestsPerMinute: 6_000 });
    rig.now = MINUTE;
    rig.settle(rig.admit(), "throttled", { retryAfterMs: MINUTE });
    rig.waitFor();
    expect(rig.admitAll()).toHaveLength(0);
  });

  test("whose wait was drawn apart: those who were refused together don't come back together", () => {
    const waits = [0, 0.999].map((random) => {
      const rig = new LimiterRig({ requestsPerMinute: 60_000 }, { random: () => random });
      rig.settle(rig.admit(), "throttled", { retryAfterMs: 10_000 });
      return rig.waitFor().waitedMs;
    });
    expect(waits[0]).toBeCloseTo(10_000, -2);
    expect(waits[1]).toBeCloseTo(11_000, -2);
  });

  test("asks for the longest wait of its wave, in whatever order they come in", () => {
    for (const hints of [
      [MINUTE, 1_000],
      [1_000, MINUTE],
    ]) {
      const rig = new LimiterRig({ requestsPerMinute: 60_000 }, { random: () => 0 });
      const flights = hints.map(() => rig.admit());
      for (const [at, retryAfterMs] of hints.entries())
        rig.settle(flights[at]!, "throttled", { retryAfterMs });
      expect(rig.waitFor().waitedMs).toBeGreaterThanOrEqual(MINUTE);
    }
  });

  test("without a hint is waited for a second, however many of its wave there were", () => {
    const rig = new LimiterRig({ requestsPerMinute: 60_000 }, { random: () => 0 });
    const wave = rig.admitAll().slice(0, 90);
    expect(wave).toHaveLength(90);
    for (const flight of wave) {
      rig.now += 10;
      rig.settle(flight, "throttled");
    }
    expect(rig.waitFor().flight.admittedAt).toBeLessThan(1_100);
  });

  test("without a hint is waited for a second again, once calls were let in since", () => {
    const rig = new LimiterRig({ requestsPerMinute: 60_000 }, { random: () => 0 });
    for (let wave = 0; wave < 3; wave += 1) {
      rig.settle(rig.waitFor().flight, "throttled");
      const { flight, waitedMs } = rig.waitFor();
      expect(waitedMs).toBeLessThan(1_100);
      rig.settle(flight, "succeeded");
      rig.now += 1_000;
    }
  });

  test("by a quota of the day that names no moment is waited for a quarter of an hour, whatever headers say is left", () => {
    const rig = new LimiterRig({});
    const quota: QuotaReport[] = [{ dimension: "requests", remaining: 0, limit: 60_000, windowMs: MINUTE }];
    rig.settle(rig.admit(), "exhausted", { quota });
    expect(rig.waitFor().waitedMs).toBeGreaterThanOrEqual(900_000);
  });
});

describe("a limit in headers", () => {
  const headers = (limit: number): { quota: QuotaReport[] } => ({
    quota: [{ dimension: "requests", limit, windowMs: MINUTE }],
  });

  test("that trembles leaves the cuts under it as they are", () => {
    const rig = new LimiterRig({});
    rig.settle(rig.admit(), "succeeded", headers(6_000));
    rig.now = 1_000;
    rig.settle(rig.admit(), "throttled", { ...headers(6_000), retryAfterMs: 10 });
    const factor = factorOf(rig);
    expect(factor).toBeLessThan(1);
    rig.settle(rig.waitFor().flight, "succeeded", headers(5_900));
    expect(factorOf(rig)).toBeCloseTo(factor, 1);
  });

  test("of nothing is none", () => {
    const rig = new LimiterRig({});
    rig.settle(rig.admit(), "succeeded", headers(0));
    expect(rig.limiter.describe(rig.now).quotas).toEqual([]);
    expect(rig.admitAll()).toHaveLength(8);
  });
});

describe("what a call is charged in the end", () => {
  const TOLD = { tokensPerDay: 1_000, tokensPerMinute: 60_000 };
  const CHARGE = { inputTokens: 100, outputTokens: 50 };

  /** The tokens left of the day and of the minute. */
  function left({ limiter, now }: { limiter: Limiter; now: number }): number[] {
    return limiter.describe(now).quotas.map(({ level }) => Math.round(level));
  }

  function ended(end: (rig: LimiterRig, flight: Flight) => void): number[] {
    const rig = new LimiterRig(TOLD);
    rig.now = 10_000;
    const before = left(rig);
    end(rig, rig.admit(CHARGE));
    return left(rig).map((level, index) => level - before[index]!);
  }

  test("is what it used, of the minute and of the day", () => {
    expect(ended((rig, flight) => rig.answer(flight, 70, 20))).toEqual([-90, -90]);
  });

  test("is what was set aside for its answer, where the provider charges that up front", () => {
    const rig = new LimiterRig(TOLD, { profile: "upfront" });
    rig.now = 10_000;
    const before = left(rig);
    rig.answer(rig.admit(CHARGE), 100, 20);
    expect(left(rig).map((level, index) => level - before[index]!)).toEqual([-150, -150]);
  });

  test.each(["transient", "overloaded", "throttled", "rejected", "unreachable"] as const)(
    "is nothing where it is known that there was no answer: %s",
    (kind) => {
      expect(ended((rig, flight) => rig.settle(flight, kind)).at(-1)).toBe(0);
    },
  );

  test.each(["interrupted", "aborted"] as const)(
    "is all that was set aside where nobody knows whether there was one: %s",
    (kind) => {
      expect(ended((rig, flight) => rig.settle(flight, kind))).toEqual([-150, -150]);
    },
  );
});

describe("calls in flight", () => {
  /** Rounds of which each takes as long as it has calls: more of them bring no more answers. */
  function rounds(rig: LimiterRig, kind: OutcomeKind): void {
    for (let round = 0; round < 6; round += 1) {
      const flights = rig.admitAll();
      rig.now += 10 * flights.length;
      for (const [index, flight] of flights.entries()) rig.settle(flight, index === 0 ? kind : "succeeded");
    }
  }

  test("are not judged by a round in which a call failed", () => {
    const [clean, marred] = [new LimiterRig({}), new LimiterRig({})];
    rounds(clean, "succeeded");
    rounds(marred, "transient");
    expect(clean.admitAll()).toHaveLength(8);
    expect(marred.admitAll().length).toBeGreaterThan(64);
  });

  test("are our share of what was found to be enough", () => {
    const rig = new LimiterRig({ share: 0.5 });
    rounds(rig, "succeeded");
    expect(rig.admitAll()).toHaveLength(4);
  });

  test("are not halved by one overload in a hundred", () => {
    const rig = new LimiterRig({ requestsPerMinute: 6_000_000 }, { maxConcurrency: 100 });
    rig.now = 1_000;
    for (let round = 0; round < 10; round += 1) {
      const flights = rig.admitAll();
      rig.now += 100;
      for (const [index, flight] of flights.entries())
        rig.settle(flight, index === 50 ? "overloaded" : "succeeded");
    }
    expect(rig.limiter.describe(rig.now).concurrency.limit).toBe(100);
  });

  test("are halved again once calls that were sent since the last time were answered", () => {
    const rig = new LimiterRig({ requestsPerMinute: 6_000_000 }, { maxConcurrency: 100 });
    rig.now = 1_000;
    for (const flight of rig.admitAll()) rig.settle(flight, "overloaded");
    rig.now += 10;
    for (const [index, flight] of rig.admitAll().entries()) {
      rig.settle(flight, index === 0 ? "succeeded" : "overloaded");
    }
    expect(rig.limiter.describe(rig.now).concurrency.limit).toBeLessThan(50);
  });

  test("that an overload halved are back after a minute", () => {
    const rig = new LimiterRig({ requestsPerMinute: 6_000_000 }, { maxConcurrency: 100 });
    rig.now = 1_000;
    for (const flight of rig.admitAll()) rig.settle(flight, "overloaded");
    rig.now += MINUTE;
    expect(rig.limiter.describe(rig.now).concurrency.limit).toBe(100);
  });
});

describe("a wait that was ended by hand", () => {
  test("is over for every process, and a later one is not", () => {
    const [mine, other] = [
      new LimiterRig({ requestsPerMinute: 60_000 }),
      new LimiterRig({ requestsPerMinute: 60_000 }),
    ];
    mine.settle(mine.admit(), "exhausted", { retryAfterMs: DAY });
    const shared = mine.limiter.snapshot(0, 0, null);
    expect(shared.throttle.until).toBeGreaterThanOrEqual(DAY);
    const ended = { ...shared, throttle: { until: null, streak: 0, probing: false, lifts: 1 } };
    for (const { limiter } of [mine, other]) {
      const written = limiter.snapshot(0, 0, ended);
      expect(written.throttle).toEqual(ended.throttle);
      limiter.adopt(written, 0, 0);
    }
    const { flight, waitedMs } = mine.waitFor();
    expect(waitedMs).toBeLessThan(1_000);
    mine.settle(flight, "exhausted", { retryAfterMs: DAY });
    mine.limiter.adopt(mine.limiter.snapshot(mine.now, 0, ended), mine.now, 0);
    expect(mine.ask()).toMatchObject({ admitted: false, reason: "throttled" });
  });
});
