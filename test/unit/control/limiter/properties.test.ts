import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { OutcomeKind } from "../../../../src/domain/outcome.ts";
import { type Flight, LimiterRig } from "../../../helpers/limiter-rig.ts";

const MINUTE_MS = 60_000;

interface Spent {
  at: number;
  units: number;
}

/** The most that was spent in any minute. */
function peakOf(spent: readonly Spent[]): number {
  let peak = 0;
  let sum = 0;
  let first = 0;
  for (const { at, units } of spent) {
    sum += units;
    while (spent[first]!.at <= at - MINUTE_MS) sum -= spent[first++]!.units;
    peak = Math.max(peak, sum);
  }
  return peak;
}

describe("what is spent in any minute", () => {
  test("stays inside the told quotas plus one job", () => {
    const limit = fc.integer({ min: 1, max: 5_000 });
    const costs = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 50, maxLength: 200 });
    const pauses = fc.array(fc.nat(20_000), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(limit, limit, costs, pauses, (requests, tokens, jobs, waits) => {
        const rig = new LimiterRig({ requestsPerMinute: requests, inputTokensPerMinute: tokens });
        const spent: Spent[] = [];
        for (const [index, inputTokens] of jobs.entries()) {
          const { flight } = rig.waitFor({ inputTokens, outputTokens: 0 });
          spent.push({ at: rig.now, units: inputTokens });
          rig.answer(flight, inputTokens, 0);
          if (index % 20 === 0) rig.now += waits[index % waits.length]!;
        }
        expect(peakOf(spent)).toBeLessThanOrEqual(tokens + Math.max(...jobs));
        expect(peakOf(spent.map(({ at }) => ({ at, units: 1 })))).toBeLessThanOrEqual(requests + 1);
      }),
      { numRuns: 60 },
    );
  });
});

const FAILURES: readonly OutcomeKind[] = [
  "throttled",
  "overloaded",
  "transient",
  "unreachable",
  "rejected",
  "blocked",
];

test("a call that failed leaves no token charged and no place taken", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...FAILURES), { maxLength: 30 }), (kinds) => {
      const rig = new LimiterRig({ tokensPerMinute: 60_000 });
      const full = () => rig.limiter.describe(rig.now).quotas[0]!.level;
      rig.now = 10_000;
      const before = full();
      const flights = kinds.map((kind) => ({ kind, flight: rig.admit({ inputTokens: 5, outputTokens: 5 }) }));
      for (const { kind, flight } of flights) rig.settle(flight, kind);
      expect(rig.limiter.describe(rig.now).concurrency.inFlight).toBe(0);
      if (!kinds.includes("throttled")) expect(full()).toBeCloseTo(before);
    }),
    { numRuns: 50 },
  );
});

test("a call above the whole quota runs alone on a full bucket, and those behind it come after its debt", () => {
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 10_000 }), fc.integer({ min: 2, max: 10 }), (limit, times) => {
      const rig = new LimiterRig({ inputTokensPerMinute: limit });
      rig.admitAll({ inputTokens: limit / 100, outputTokens: 0 });
      const large = rig.waitFor({ inputTokens: limit * times, outputTokens: 0 });
      expect(large.waitedMs).toBeLessThanOrEqual(1_001);
      const next = rig.waitFor({ inputTokens: 1, outputTokens: 0 });
      expect(next.waitedMs).toBeLessThanOrEqual((times / 0.98) * MINUTE_MS + 1_001);
      expect(next.waitedMs).toBeGreaterThanOrEqual((times / 0.98) * MINUTE_MS - 1_100);
    }),
    { numRuns: 50 },
  );
});

test("a wave of refusals cuts the rate once", () => {
  const delays = fc.array(fc.nat(900), { minLength: 2, maxLength: 40 });
  fc.assert(
    fc.property(delays, fc.option(fc.integer({ min: 1, max: 90_000 })), (refusedAfter, retryAfterMs) => {
      const rig = new LimiterRig({ requestsPerMinute: 60_000 });
      rig.now = 1_000;
      const flights = refusedAfter.map(() => rig.admit());
      const factors = [...refusedAfter]
        .sort((a, b) => a - b)
        .map((delayMs, index) => {
          rig.now = 1_000 + delayMs;
          rig.settle(flights[index]!, "throttled", { retryAfterMs });
          return rig.limiter.describe(rig.now).factor;
        });
      expect(factors[0]).toBeLessThan(1);
      expect(factors).toEqual([...factors].sort((a, b) => a - b));
    }),
    { numRuns: 100 },
  );
});

test("a hint is never shortened, however long, and lengthened by a tenth and a minute at most", () => {
  const hint = fc.integer({ min: 1, max: 24 * 3_600_000 });
  fc.assert(
    fc.property(hint, fc.constantFrom<OutcomeKind>("throttled", "exhausted"), (retryAfterMs, kind) => {
      const rig = new LimiterRig({ requestsPerMinute: 60_000 });
      rig.settle(rig.admit(), kind, { retryAfterMs });
      const { waitedMs } = rig.waitFor();
      expect(waitedMs).toBeGreaterThanOrEqual(retryAfterMs);
      expect(waitedMs).toBeLessThanOrEqual(retryAfterMs + Math.min(0.1 * retryAfterMs, 60_000) + 100);
    }),
    { numRuns: 200 },
  );
});

const KINDS: readonly OutcomeKind[] = [
  "succeeded",
  "succeeded",
  "throttled",
  "transient",
  "interrupted",
  "aborted",
];

test("who restores a stored snapshot goes on as if nothing had happened, but with no burst", () => {
  const step = fc.record({
    kind: fc.constantFrom(...KINDS),
    tokens: fc.integer({ min: 1, max: 900 }),
    ms: fc.nat(3_000),
  });
  const told = { requestsPerMinute: 300, tokensPerMinute: 20_000, requestsPerDay: 40, tokensPerDay: 9_000 };
  const wall = 1_700_000_000_000;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.nat(30_000), (steps, laterMs) => {
      const rig = new LimiterRig(told);
      for (const { kind, tokens, ms } of steps) {
        rig.now += ms;
        const verdict = rig.ask({ inputTokens: tokens, outputTokens: 50 });
        if (verdict.admitted) rig.settle({ charge: verdict.charge, admittedAt: rig.now }, kind);
      }
      const saved = JSON.parse(JSON.stringify(rig.limiter.snapshot(rig.now, wall, null)));
      // A new process: its monotonic clock starts anew, the wall clock goes on.
      const heir = new LimiterRig(told, { saved, now: 5, wall: wall + laterMs });
      rig.now += laterMs;
      const shift = rig.now - heir.now;
      for (let call = 0; call < 5; call++) {
        for (const each of [rig, heir]) each.waitFor();
        const laterByMs = heir.now + shift - rig.now;
        // A rate that grows back is taken in steps, and theirs are not the same.
        expect(laterByMs).toBeGreaterThan(-0.1);
        expect(laterByMs).toBeLessThanOrEqual(1_000);
      }
      // Their moments are on clocks of their own.
      const daysOf = ({ limiter, now }: LimiterRig) =>
        limiter.describe(now).quotas.flatMap(({ resetAt, ...quota }) => (quota.per === "day" ? [quota] : []));
      expect(daysOf(heir)).toEqual(daysOf(rig));
    }),
    { numRuns: 150 },
  );
});

test("calls in flight never pass the limit, whatever comes back", () => {
  const step = fc.record({
    kind: fc.constantFrom(...KINDS, "overloaded" as const),
    pick: fc.nat(1_000),
    ms: fc.nat(500),
  });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.array(step, { maxLength: 200 }),
      (maxConcurrency, steps) => {
        const rig = new LimiterRig({}, { maxConcurrency });
        const flights: Flight[] = [];
        for (const { kind, pick, ms } of steps) {
          rig.now += ms;
          flights.push(...rig.admitAll());
          expect(flights.length).toBeLessThanOrEqual(maxConcurrency);
          const [flight] = flights.splice(pick % Math.max(1, flights.length), 1);
          if (flight) rig.settle(flight, kind);
        }
      },
    ),
    { numRuns: 100 },
  );
});
