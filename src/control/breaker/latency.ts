/** Latencies of successful calls, counted in buckets half an octave wide. */
export interface Latency {
  readonly counts: readonly number[];
  readonly total: number;
  /** Never too low, at most 42 % too high. Null until enough calls were seen. */
  readonly p99Ms: number | null;
}

const BUCKETS_PER_OCTAVE = 2;
/** Up to 2^21 ms, 35 minutes. */
const BUCKETS = 21 * BUCKETS_PER_OCTAVE + 1;
/** With fewer calls a p99 says little about the next one. */
const ENOUGH = 20;
/** Counts are halved here, so that the p99 follows a provider that gets slower or faster. */
const MEMORY = 2_000;

export const NO_LATENCY: Latency = { counts: new Array<number>(BUCKETS).fill(0), total: 0, p99Ms: null };

/** Counts the latency of one call. */
export function measure(latency: Latency, durationMs: number): Latency {
  const counts = latency.counts.slice();
  counts[bucketOf(durationMs)]! += 1;
  const total = latency.total + 1;
  if (total >= MEMORY) return halved(counts);
  return { counts, total, p99Ms: total < ENOUGH ? null : p99(counts, total) };
}

function halved(counts: readonly number[]): Latency {
  const half = counts.map((count) => count >> 1);
  const total = half.reduce((sum, count) => sum + count, 0);
  return { counts: half, total, p99Ms: p99(half, total) };
}

function bucketOf(durationMs: number): number {
  return Math.min(BUCKETS - 1, Math.ceil(Math.log2(Math.max(1, durationMs)) * BUCKETS_PER_OCTAVE));
}

function p99(counts: readonly number[], total: number): number {
  let above = 0;
  let bucket = BUCKETS - 1;
  while (bucket > 0 && above + counts[bucket]! <= total / 100) {
    above += counts[bucket]!;
    bucket -= 1;
  }
  return 2 ** (bucket / BUCKETS_PER_OCTAVE);
}
