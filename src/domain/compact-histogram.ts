import type { Percentiles } from "./histogram.ts";
import { percentiles } from "./histogram.ts";

/**
 * How often each bucket was hit, small enough to keep thousands of: the lowest bucket, then its count and that of each
 * bucket above it up to the highest. Empty where nothing was counted.
 */
export type CompactHistogram = readonly number[];

/** @param counts bucket to number of durations in it */
export function compact(counts: ReadonlyMap<number, number>): CompactHistogram {
  if (counts.size === 0) return [];
  const lowest = Math.min(...counts.keys());
  const highest = Math.max(...counts.keys());
  const each = Array.from({ length: highest - lowest + 1 }, (_, at) => counts.get(lowest + at) ?? 0);
  return [lowest, ...each];
}

export function countsOf([lowest = 0, ...each]: CompactHistogram): Map<number, number> {
  const counts = each.map((count, at): [number, number] => [lowest + at, count]);
  return new Map(counts.filter(([, count]) => count > 0));
}

export function addHistograms(a: CompactHistogram, b: CompactHistogram): CompactHistogram {
  if (a.length === 0 || b.length === 0) return a.length === 0 ? b : a;
  const sum = countsOf(a);
  for (const [bucket, count] of countsOf(b)) sum.set(bucket, (sum.get(bucket) ?? 0) + count);
  return compact(sum);
}

/** Those of any number of spans together; null where nothing was counted. */
export function percentilesOf(...histograms: readonly CompactHistogram[]): Percentiles {
  return percentiles(countsOf(histograms.reduce(addHistograms, [])));
}
