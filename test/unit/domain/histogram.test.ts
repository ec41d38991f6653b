import fc from "fast-check";
import { expect, test } from "vitest";
import { bucketOf, percentiles } from "../../../src/domain/histogram.ts";

const counted = (values: readonly number[]): Map<number, number> => {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(bucketOf(value), (counts.get(bucketOf(value)) ?? 0) + 1);
  return counts;
};

test("a percentile is within 2.5 % or a millisecond of the value at its rank", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 3_600_000, noNaN: true }), { minLength: 1 }), (values) => {
      const sorted = values.toSorted((a, b) => a - b);
      const { p50, p95, p99 } = percentiles(counted(values));
      for (const [got, share] of [
        [p50, 0.5],
        [p95, 0.95],
        [p99, 0.99],
      ] as const) {
        const exact = sorted[Math.ceil(sorted.length * share) - 1]!;
        expect(Math.abs(got! - exact)).toBeLessThanOrEqual(Math.max(1, exact * 0.025));
      }
    }),
    { numRuns: 300, seed: 3 },
  );
});

test("there is no percentile of nothing", () => {
  expect(percentiles(new Map())).toEqual({ p50: null, p95: null, p99: null });
});

test("a negative duration, from clocks that disagree, counts as none", () => {
  expect(bucketOf(-5)).toBe(0);
});
