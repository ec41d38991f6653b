/**
 * Keys of inputs and jobs: run number * 2^32 + ordinal. So a run is one contiguous range of the primary key, in
 * input order, and needs no index of its own for paging and deleting.
 */
const RUN_SPAN = 2 ** 32;

export interface KeyRange {
  first: number;
  last: number;
}

/** The key of a run's row number `ordinal`, counted from 1. */
export function keyOf(run: number, ordinal: number): number {
  return run * RUN_SPAN + ordinal;
}

export function keyRange(run: number): KeyRange {
  return { first: keyOf(run, 1), last: keyOf(run, RUN_SPAN - 1) };
}

/** The run number that a job's or an input's key belongs to. */
export function runOf(key: number): number {
  return Math.floor(key / RUN_SPAN);
}

/** The ordinal that a given id such as `row-17` stands for; null for any other id. */
export function ordinalOfDefaultId(id: string): number | null {
  const digits = /^row-([1-9]\d{0,9})$/.exec(id)?.[1];
  return digits === undefined ? null : Number(digits);
}
