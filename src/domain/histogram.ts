/** Percentiles in milliseconds; null before the first call. */
export interface Percentiles {
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

/** Each bucket is 4.5 % wider than the one below, so a percentile is at most 2.3 % off. */
const GROWTH = 1.045;
const LOG_GROWTH = Math.log(GROWTH);

/** The bucket of a duration; bucket 0 holds everything below one millisecond. */
export function bucketOf(ms: number): number {
  return ms < 1 ? 0 : 1 + Math.floor(Math.log(ms) / LOG_GROWTH);
}

/** The middle of a bucket in whole milliseconds. */
function middleOf(bucket: number): number {
  return bucket === 0 ? 0 : Math.round(GROWTH ** (bucket - 0.5));
}

/** @param counts pairs of a bucket and the number of durations in it */
export function percentiles(counts: Iterable<readonly [bucket: number, count: number]>): Percentiles {
  // Read twice a second while a run is watched: laid out by bucket, as to sort them takes longer.
  const byBucket: number[] = [];
  let total = 0;
  for (const [bucket, count] of counts) {
    byBucket[bucket] = count;
    total += count;
  }
  const at = (share: number): number | null => {
    let left = Math.ceil(total * share);
    for (let bucket = 0; bucket < byBucket.length; bucket++) {
      left -= byBucket[bucket] ?? 0;
      if (left <= 0) return middleOf(bucket);
    }
    return null;
  };
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
