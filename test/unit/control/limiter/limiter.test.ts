import { describe, expect, test } from "vitest";
import type { LimiterState } from "../../../../src/control/limiter/state.ts";
import type { QuotaReport } from "../../../../src/domain/outcome.ts";
import { LimiterRig } from "../../../helpers/limiter-rig.ts";

function headers(limit: number, details: Partial<QuotaReport> = {}): { quota: QuotaReport[] } {
  return { quota: [{ dimension: "requests", limit, windowMs: 60_000, ...details }] };
}

describe("an endpoint of which nothing is known", () => {
  test("starts with 8 calls in flight, and each clean round doubles them", () => {
    const rig = new LimiterRig({});
    const sizes: number[] = [];
    let flights = rig.admitAll();
    for (let round = 0; round < 4; round++) {
      sizes.push(flights.length);
      rig.now += 100;
      for (const flight of flights) rig.settle(flight, "succeeded");
      flights = rig.admitAll();
    }
    expect(sizes).toEqual([8, 16, 32, 64]);
  });

  test("is paced by the limit of the first headers at once", () => {
    const rig = new LimiterRig({});
    const [first] = rig.admitAll();
    rig.now += 100;
    rig.settle(first!, "succeeded", headers(6_000));
    expect(rig.admitAll()).toHaveLength(9);
    const start = rig.now;
    for (let call = 0; call < 950; call++) rig.waitFor();
    expect(rig.now - start).toBeCloseTo(10_000, -2);
  });

  test("is halved by the first refusal, and grows back", () => {
    const rig = new LimiterRig({}, { maxConcurrency: 20 });
    for (let second = 0; second < 10; second++) {
      for (const flight of rig.admitAll()) rig.settle(flight, "succeeded");
      rig.now += 1_000;
    }
    rig.settle(rig.admit(), "throttled", { retryAfterMs: 1_000 });
    const quota = () => rig.limiter.describe(rig.now).quotas[0]!;
    expect(quota().source).toBe("learned");
    const cut = quota().limit;
    for (let call = 0; call < 200; call++) rig.settle(rig.waitFor().flight, "succeeded");
    expect(quota().limit).toBeGreaterThan(1.3 * cut);
  });

  test("tries again within seconds where it has let nothing in yet, refusal after refusal", () => {
    const rig = new LimiterRig({}, { maxConcurrency: 1 });
    rig.settle(rig.admit(), "throttled", { retryAfterMs: 1_000 });
    for (let refusal = 0; refusal < 5; refusal++) {
      const { flight, waitedMs } = rig.waitFor();
      expect(waitedMs).toBeGreaterThanOrEqual(1_000);
      expect(waitedMs).toBeLessThan(5_000);
      rig.settle(flight, "throttled", { retryAfterMs: 1_000 });
    }
  });
});

describe("headers", () => {
  test("never raise a level, and lower it to what is left", () => {
    const rig = new LimiterRig({ requestsPerMinute: 6_000 });
    const flight = rig.admit();
    rig.now = 5_000;
    rig.settle(flight, "succeeded", headers(60, { remaining: 2 }));
    expect(rig.admitAll()).toHaveLength(2);
  });

  test("of an overtaken reply are not heard", () => {
    const rig = new LimiterRig({});
    const early = rig.admit();
    rig.now = 10;
    const late = rig.admit();
    rig.now = 100;
    rig.settle(late, "succeeded", headers(600));
    rig.settle(early, "succeeded", headers(1_200));
    expect(rig.limiter.describe(rig.now).quotas).toMatchObject([{ limit: 600, source: "headers" }]);
  });

  test("that tell a limit per day don't pace the minute", () => {
    const rig = new LimiterRig({});
    rig.settle(rig.admit(), "succeeded", headers(14_400, { windowMs: 86_400_000, remaining: 14_000 }));
    expect(rig.limiter.describe(rig.now).quotas).toEqual([]);
  });

  test("with a new limit make the cuts under the old one void", () => {
    const rig = new LimiterRig({});
    rig.settle(rig.admit(), "succeeded", headers(6_000));
    rig.now = 1_000;
    rig.settle(rig.admit(), "throttled", { ...headers(3_000), retryAfterMs: 10 });
    expect(rig.limiter.describe(rig.now)).toMatchObject({ factor: 1, quotas: [{ limit: 3_000 }] });
  });
});

describe("a refusal without a hint", () => {
  test("lets one call at a time through, later each time, until one passes", () => {
    const rig = new LimiterRig({ requestsPerMinute: 60_000 });
    rig.settle(rig.admit(), "throttled");
    const waits: number[] = [];
    for (let probe = 0; probe < 4; probe++) {
      const { flight, waitedMs } = rig.waitFor();
      waits.push(Math.floor(waitedMs / 1_000));
      expect(rig.ask()).toMatchObject({ admitted: false, reason: "throttled" });
      rig.now += 50;
      rig.settle(flight, probe < 3 ? "throttled" : "succeeded");
    }
    expect(waits).toEqual([1, 2, 4, 8]);
    rig.now += 1_000;
    expect(rig.admitAll().length).toBeGreaterThan(1);
  });

  test("takes a probe that is silent for long enough as let in: answers take longer than refusals", () => {
    const rig = new LimiterRig({ requestsPerMinute: 60_000 });
    rig.settle(rig.admit(), "throttled");
    rig.waitFor();
    expect(rig.waitFor().waitedMs).toBe(500);
  });

  test("isn't ended by the answer to a call from before", () => {
    const rig = new LimiterRig({ requestsPerMinute: 60_000 });
    const [early, refused] = [rig.admit(), rig.admit()];
    rig.settle(refused, "throttled");
    rig.now = 100;
    rig.settle(early, "succeeded");
    expect(rig.ask()).toMatchObject({ admitted: false, reason: "throttled" });
  });

  test("goes on with the next probe where the first one was aborted", () => {
    const rig = new LimiterRig({ requestsPerMinute: 60_000 });
    rig.settle(rig.admit(), "throttled");
    rig.settle(rig.waitFor().flight, "aborted");
    expect(rig.waitFor().waitedMs).toBeLessThan(10);
  });
});

describe("a quota per day", () => {
  test("holds calls back until 24 hours after the first", () => {
    const rig = new LimiterRig({ requestsPerDay: 3 });
    for (const flight of rig.admitAll()) rig.settle(flight, "succeeded");
    expect(rig.ask()).toEqual({ admitted: false, until: 86_400_000, reason: "requestsPerDay" });
    rig.now = 86_400_000;
    expect(rig.admitAll()).toHaveLength(3);
  });

  test("is keyed to the reset that headers tell", () => {
    const rig = new LimiterRig({ requestsPerDay: 3 });
    const day = { windowMs: 86_400_000, remaining: 0, resetMs: 3_600_000 };
    rig.settle(rig.admit(), "succeeded", headers(3, day));
    expect(rig.ask()).toEqual({ admitted: false, until: 3_600_000, reason: "requestsPerDay" });
  });

  test("stays keyed to it when processes tell each other of their use, whoever heard of it", () => {
    const [mine, other] = [new LimiterRig({ requestsPerDay: 3 }), new LimiterRig({ requestsPerDay: 3 })];
    let shared: LimiterState | null = null;
    const exchange = () => {
      for (const { limiter } of [mine, other]) {
        shared = limiter.snapshot(0, 0, shared);
        limiter.adopt(shared, 0, 0);
      }
    };
    const flight = mine.admit();
    other.settle(other.admit(), "succeeded");
    exchange();
    const day = { windowMs: 86_400_000, remaining: 0, resetMs: 3_600_000 };
    mine.settle(flight, "succeeded", headers(3, day));
    exchange();
    for (const rig of [mine, other]) expect(rig.ask()).toMatchObject({ until: 3_600_000 });
  });

  test.each([
    ["a limit above the one that was told", headers(14_400, { remaining: 14_397, resetMs: 18_000 })],
    ["a day that is longer", headers(3, { remaining: 0, resetMs: 1e12 })],
  ])("lasts 24 hours where headers tell of %s", (_, { quota }) => {
    const rig = new LimiterRig({ requestsPerDay: 3 });
    const day = quota.map((report) => ({ ...report, windowMs: 86_400_000 }));
    for (const flight of rig.admitAll()) rig.settle(flight, "succeeded", { quota: day });
    expect(rig.ask()).toEqual({ admitted: false, until: 86_400_000, reason: "requestsPerDay" });
  });

  test("that is used up blocks for a quarter of an hour where the provider gives no time", () => {
    const rig = new LimiterRig({});
    rig.settle(rig.admit(), "exhausted");
    expect(rig.waitFor().waitedMs).toBeGreaterThanOrEqual(900_000);
  });
});

describe("estimates", () => {
  test("follow what calls really use", () => {
    const rig = new LimiterRig({ tokensPerMinute: 1e9 });
    for (let call = 0; call < 100; call++)
      rig.answer(rig.admit({ inputTokens: 100, outputTokens: 500 }), 150, 40);
    const { charge } = rig.admit({ inputTokens: 200, outputTokens: 500 });
    expect(charge.inputTokens).toBeCloseTo(300);
    expect(charge.outputTokens).toBeCloseTo(40, 0);
  });

  test("of the output are nearer to the 90th percentile while few answers are known", () => {
    const rig = new LimiterRig({ tokensPerMinute: 1e9 });
    const charge = () => rig.admit({ inputTokens: 1, outputTokens: 0 }).charge.outputTokens;
    for (const output of [10, 10, 10, 1_000]) rig.answer(rig.admit(), 10, output);
    const early = charge();
    for (let call = 0; call < 400; call++) rig.answer(rig.admit(), 10, [10, 10, 10, 1_000][call % 4]!);
    expect(early).toBeGreaterThan(500);
    expect(charge()).toBeLessThan(320);
  });

  test("never go above max_tokens, and are max_tokens where that is what the provider charges", () => {
    const used = new LimiterRig({});
    const upfront = new LimiterRig({}, { profile: "upfront" });
    for (const rig of [used, upfront]) rig.answer(rig.admit(), 10, 80);
    expect(used.admit({ inputTokens: 1, outputTokens: 50 }).charge.outputTokens).toBe(50);
    expect(upfront.admit({ inputTokens: 1, outputTokens: 500 }).charge.outputTokens).toBe(500);
  });

  test("leave out cached input where the provider does", () => {
    const rig = new LimiterRig({}, { profile: "uncached" });
    rig.answer(rig.admit({ inputTokens: 100, outputTokens: 0 }), 100, 10, 75);
    expect(rig.admit({ inputTokens: 100, outputTokens: 0 }).charge.inputTokens).toBe(25);
  });
});

describe("a share", () => {
  test("scales what the user told", () => {
    const rig = new LimiterRig({ requestsPerMinute: 600, concurrency: 10, share: 0.5 });
    const { quotas, concurrency } = rig.limiter.describe(rig.now);
    expect(quotas).toMatchObject([{ limit: 300 }]);
    expect(concurrency.limit).toBe(5);
  });

  test("scales what headers tell", () => {
    const rig = new LimiterRig({ share: 0.25 });
    rig.settle(rig.admit(), "succeeded", headers(6_000));
    expect(rig.limiter.describe(rig.now).quotas).toMatchObject([{ limit: 1_500 }]);
  });

  test("scales what was learned: a refusal tells how much there is, and half of that is never passed", () => {
    const rig = new LimiterRig({ share: 0.5, concurrency: 1_000 });
    for (let second = 0; second < 10; second++) {
      for (const flight of rig.admitAll().slice(0, 20)) rig.settle(flight, "succeeded");
      rig.now += 1_000;
    }
    rig.settle(rig.waitFor().flight, "throttled", { retryAfterMs: 1_000 });
    const quota = () => rig.limiter.describe(rig.now).quotas[0]!;
    const { limit: cut } = quota();
    for (let call = 0; call < 5_000; call++) rig.settle(rig.waitFor().flight, "succeeded");
    expect(quota()).toMatchObject({ source: "learned", limit: cut });
  });
});

describe("the next process", () => {
  function heirOf(
    rig: LimiterRig,
    laterMs: number,
    ...[told]: ConstructorParameters<typeof LimiterRig>
  ): LimiterRig {
    const saved = JSON.parse(JSON.stringify(rig.limiter.snapshot(rig.now, rig.now, null)));
    return new LimiterRig(told, { saved, wall: rig.now + laterMs });
  }

  test("goes by the limit that headers told", () => {
    const rig = new LimiterRig({});
    rig.settle(rig.admit(), "succeeded", headers(600));
    const heir = heirOf(rig, 60_000, {});
    expect(heir.limiter.describe(0).quotas).toMatchObject([{ limit: 600, source: "headers" }]);
    expect(heir.admitAll()).toHaveLength(1);
  });

  test("goes on with as many calls in flight as were found to be good", () => {
    const rig = new LimiterRig({});
    for (let round = 0; round < 3; round++) {
      const flights = rig.admitAll();
      rig.now += 100;
      for (const flight of flights) rig.settle(flight, "succeeded");
    }
    expect(heirOf(rig, 0, {}).admitAll()).toHaveLength(64);
  });

  test("halves the calls in flight no less than the last one did", () => {
    const told = { requestsPerMinute: 6_000_000 };
    const rig = new LimiterRig(told, { maxConcurrency: 100 });
    rig.now = 1_000;
    for (const flight of rig.admitAll()) rig.settle(flight, "overloaded");
    expect(heirOf(rig, 0, told).limiter.describe(0).concurrency.limit).toBe(50);
  });

  test("waits for a quota of the day until the same moment", () => {
    const told = { requestsPerDay: 3 };
    const rig = new LimiterRig(told);
    rig.now = 5_000;
    rig.admitAll();
    expect(heirOf(rig, 60_000, told).ask()).toMatchObject({ until: 86_400_000 - 60_000 });
  });

  test("begins without a burst, however long nobody called", () => {
    const told = { requestsPerMinute: 6_000 };
    const rig = new LimiterRig(told);
    rig.settle(rig.admit(), "succeeded");
    expect(heirOf(rig, 3_600_000, told).admitAll().length).toBeLessThan(10);
  });
});

describe("a quota of the day, divided among processes that hear of each other now and then", () => {
  const PROCESSES = 3;
  const NOW = 1_000;

  function rigOf(requestsPerDay: number): LimiterRig {
    const rig = new LimiterRig({ requestsPerDay, requestsPerMinute: 60_000_000 });
    rig.now = NOW;
    rig.limiter.setPart(1 / PROCESSES, NOW);
    return rig;
  }

  test.each([30, 31, 2, 500])(
    "of %i requests is used up, and passed by less than a call of each",
    (limit) => {
      const rigs = Array.from({ length: PROCESSES }, () => rigOf(limit));
      let shared: LimiterState | null = null;
      let sum = 0;
      for (let round = 0; round < 40; round++) {
        for (const rig of rigs) {
          sum += rig.admitAll().length;
          shared = rig.limiter.snapshot(NOW, NOW, shared);
          rig.limiter.adopt(shared, NOW, NOW);
        }
      }
      expect(sum).toBeGreaterThanOrEqual(limit);
      expect(sum).toBeLessThan(limit + PROCESSES);
      for (const rig of rigs)
        expect(rig.ask()).toMatchObject({ until: NOW + 86_400_000, reason: "requestsPerDay" });
    },
  );

  test("is waited for only until the others are heard of, while some of it is left", () => {
    const rig = rigOf(60);
    expect(rig.admitAll()).toHaveLength(10);
    expect(rig.ask()).toMatchObject({ until: Number.POSITIVE_INFINITY, reason: "share" });
    expect(rig.limiter.room(NOW, 60_000)).toBe(0);
    rig.limiter.adopt(rig.limiter.snapshot(NOW, NOW, null), NOW, NOW);
    expect(rig.admitAll()).toHaveLength(8);
  });
});

describe("overload", () => {
  test("halves the calls in flight once for all that were sent before", () => {
    const rig = new LimiterRig({ requestsPerMinute: 6_000_000 }, { maxConcurrency: 100 });
    rig.now = 1_000;
    const flights = rig.admitAll();
    for (const flight of flights.slice(0, 20)) rig.settle(flight, "overloaded");
    expect(flights).toHaveLength(100);
    expect(rig.limiter.describe(rig.now).concurrency.limit).toBe(50);
  });

  test("without an answer in between is an outage, and halves nothing more", () => {
    const rig = new LimiterRig({ requestsPerMinute: 6_000_000 }, { maxConcurrency: 100 });
    rig.now = 1_000;
    for (const flight of rig.admitAll()) rig.settle(flight, "overloaded");
    rig.now = 1_100;
    for (const flight of rig.admitAll()) rig.settle(flight, "overloaded");
    expect(rig.limiter.describe(rig.now).concurrency.limit).toBeGreaterThanOrEqual(50);
  });
});

describe("room", () => {
  test("is what quota and places allow within the time", () => {
    const rig = new LimiterRig({ requestsPerMinute: 600 });
    rig.now = 10_000;
    expect(rig.limiter.room(rig.now, 1_000)).toBe(19);
    const places = new LimiterRig({ concurrency: 5 });
    expect(places.limiter.room(0, 1_000)).toBe(5);
  });

  test("is none while a refusal blocks for longer", () => {
    const rig = new LimiterRig({ requestsPerMinute: 600 });
    rig.settle(rig.admit(), "throttled", { retryAfterMs: 90_000 });
    expect(rig.limiter.room(rig.now, 60_000)).toBe(0);
  });
});
