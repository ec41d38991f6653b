/** Which records of a run's inputs are taken, numbered from 1 over all inputs. */
export interface Selection {
  first: number;
  /** Infinity for all that follow. */
  last: number;
}

/** `--range A:B` says where, and `--limit N` how many of those; null leaves either out. */
export function selectRecords(range: Selection | null, limit: number | null): Selection {
  const { first, last } = range ?? { first: 1, last: Number.POSITIVE_INFINITY };
  return { first, last: limit === null ? last : Math.min(last, first + limit - 1) };
}
