/** Latencies of successful calls, counted in buckets half an octave wide. */
export interface Latency {
  readonly counts: readonly number[];
  readonly total: number;
  /** Never too low, at most 42 % too high. 0 until enough calls were seen. */
  readonly p99Ms: number;
}

const OCTAVES_PER_BUCKET = 1 / 2;
/** Up to 2^21 ms, 35 minutes. */
const BUCKETS = 21 / OCTAVES_PER_BUCKET + 1;
/** With fewer calls a p99 says little about the next one. */
const ENOUGH = 20;
/** Counts are halved here, so that the p99 follows a provider that gets slower or faster. */
const MEMORY = 2_000;

export const NO_LATENCY: Latency = { counts: new Array<number>(BUCKETS).fill(0), total: 0, p99Ms: 0 };

/** Counts the latency of one call. Halves by the same steps as it counts: V8 would compile all around it anew at the first halving. */
export function measure(latency: Latency, durationMs: number): Latency {
  const counts = latency.counts.slice();
  counts[bucketOf(durationMs)]! += 1;
  const shift = latency.total + 1 < MEMORY ? 0 : 1;
  let total = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    counts[bucket]! >>= shift;
    total += counts[bucket]!;
  }
  return { counts, total, p99Ms: total < ENOUGH ? 0 : p99(counts, total) };
}

function bucketOf(durationMs: number): number {
  return Math.min(BUCKETS - 1, Math.ceil(Math.log2(Math.max(1, durationMs)) / OCTAVES_PER_BUCKET));
}

function p99(counts: readonly number[], total: number): number {
  let above = 0;
  let bucket = BUCKETS - 1;
  while (bucket > 0 && above + counts[bucket]! <= total / 100) {
    above += counts[bucket]!;
    bucket -= 1;
  }
  return 2 ** (bucket * OCTAVES_PER_BUCKET);
}
