/** Latencies of successful calls, counted in buckets a quarter of an octave wide. */
export interface Latency {
  readonly counts: readonly number[];
  readonly total: number;
  /** Never too low, at most 19 % too high. Null until enough calls were seen. */
  readonly p99Ms: number | null;
}

const BUCKETS_PER_OCTAVE = 4;
/** Up to 2^21 ms, 35 minutes. */
const BUCKETS = 21 * BUCKETS_PER_OCTAVE + 1;
/** With fewer calls a p99 says little about the next one. */
const ENOUGH = 20;
/** Counts are halved here, so that the p99 follows a provider that gets slower or faster. */
const MEMORY = 2_000;

export const NO_LATENCY: Latency = { counts: new Array<number>(BUCKETS).fill(0), total: 0, p99Ms: null };

/** Counts the latency of one call. */
export function measure(latency: Latency, durationMs: number): Latency {
  const bucket = bucketOf(durationMs);
  const grown = latency.counts.with(bucket, latency.counts[bucket]! + 1);
  const counts = latency.total + 1 < MEMORY ? grown : grown.map((n) => n / 2);
  const total = latency.total + 1 < MEMORY ? latency.total + 1 : (latency.total + 1) / 2;
  return { counts, total, p99Ms: total < ENOUGH ? null : p99(counts, total) };
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
