import fc from "fast-check";
import { expect, test } from "vitest";
import { addHistograms, compact, countsOf, percentilesOf } from "../../../src/domain/compact-histogram.ts";
import { bucketOf } from "../../../src/domain/histogram.ts";
import {
  type BreakerMove,
  coarsened,
  emptySpan,
  type HistorySpan,
  joined,
  readSpan,
  spanText,
} from "../../../src/domain/history.ts";

const counts = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 1, max: 9 })))
  .map((entries) => new Map(entries));

const SPAN: HistorySpan = {
  at: 10_000,
  lengthMs: 1_000,
  sent: 4,
  ended: { succeeded: 2, transient: 1 },
  succeeded: 2,
  failed: 1,
  inputTokens: 50,
  cachedInputTokens: 5,
  outputTokens: 20,
  costNanoUsd: 900,
  unpriced: 1,
  latency: [60, 3],
  wait: [0, 3],
  jobs: { total: 5, pending: 1, running: 1, succeeded: 2, failed: 1, cancelled: 0 },
  pace: { rowsPerMinute: 120, callsPerRow: 1.5, tokensPerRow: 35 },
  limits: { "requests/minute": 60 },
  breakers: [],
};

test("a compact histogram holds the counts it was made from", () => {
  fc.assert(
    fc.property(counts, (map) => {
      expect(countsOf(compact(map))).toEqual(map);
    }),
  );
});

test("histograms add up bucket by bucket", () => {
  fc.assert(
    fc.property(counts, counts, (a, b) => {
      const sum = new Map(a);
      for (const [bucket, count] of b) sum.set(bucket, (sum.get(bucket) ?? 0) + count);
      expect(countsOf(addHistograms(compact(a), compact(b)))).toEqual(sum);
    }),
  );
});

test("percentiles of several histograms are those of all their durations", () => {
  const of = (ms: number, times: number) => compact(new Map([[bucketOf(ms), times]]));
  const { p50, p99 } = percentilesOf(of(100, 90), of(5_000, 10));
  expect(Math.abs(p50! / 100 - 1)).toBeLessThan(0.025);
  expect(Math.abs(p99! / 5_000 - 1)).toBeLessThan(0.025);
  expect(percentilesOf([], []).p50).toBeNull();
});

test("a span is read as it was written, and one of nothing takes no room", () => {
  expect(readSpan(SPAN.at, SPAN.lengthMs, spanText(SPAN))).toEqual(SPAN);
  expect(spanText(emptySpan(1_000, 1_000))).toBe("{}");
  expect(readSpan(1_000, 1_000, "{}")).toEqual(emptySpan(1_000, 1_000));
});

test("two spans add up, and how things stood is as the second has it, where it looked", () => {
  const later = { ...SPAN, at: 11_000, jobs: { ...SPAN.jobs!, running: 0 }, limits: { "tokens/minute": 9 } };
  expect(joined(SPAN, later)).toMatchObject({
    at: 10_000,
    sent: 8,
    ended: { succeeded: 4, transient: 2 },
    costNanoUsd: 1_800,
    latency: [60, 6],
    jobs: { running: 0 },
    limits: { "requests/minute": 60, "tokens/minute": 9 },
  });
  expect(joined(SPAN, emptySpan(11_000, 1_000))).toEqual(SPAN);
});

test("spans are joined with those that share a span of twice the length", () => {
  const spans = [9_000, 10_000, 11_000, 15_000].map((at) => ({ ...emptySpan(at, 1_000), sent: 1 }));
  const lengths = coarsened(spans).map(({ at, lengthMs, sent }) => [at, lengthMs, sent]);
  expect(lengths).toEqual([
    [8_000, 2_000, 1],
    [10_000, 2_000, 2],
    [14_000, 2_000, 1],
  ]);
});

test("of a breaker that moves all the time the latest moves are named, and where each came to stand", () => {
  const move = (at: number, endpoint: string): BreakerMove => {
    return { at, endpoint, state: at % 2 ? "open" : "closed", reason: null };
  };
  const first = { ...emptySpan(0, 1_000), breakers: [move(1, "calm")] };
  const flapping = Array.from({ length: 300 }, (_, at) => move(at + 2, "flapping"));
  const { breakers } = joined(first, { ...first, breakers: flapping });
  expect(breakers).toHaveLength(17);
  expect(breakers[0]).toEqual(move(1, "calm"));
  expect(breakers.at(-1)).toEqual(move(301, "flapping"));
});
