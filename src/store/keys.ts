/**
 * Keys of inputs and jobs: run number * 2^32 + ordinal. So a run is one contiguous range of the primary key, in
 * input order, and needs no index of its own for paging and deleting. The job of a row's sample s has the ordinal
 * (row's ordinal - 1) * samples + s: with one sample a row, jobs have the keys of their inputs.
 */
const RUN_SPAN = 2 ** 32;

/** Both ends included. */
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

/** The keys of the jobs of neighbouring rows, from an input's key to another's. */
export function jobsOf(inputs: KeyRange, samples: number): KeyRange {
  const base = keyOf(runOf(inputs.first), 0);
  return {
    first: base + (inputs.first - base - 1) * samples + 1,
    last: base + (inputs.last - base) * samples,
  };
}

/** SQL of the key of a row's job, from SQL of the input's key, of the run's samples and of the job's. */
export function jobSql(input: string, samples: string, sample: string): string {
  return `((${input} >> 32 << 32) + ((${input} & 4294967295) - 1) * ${samples} + ${sample})`;
}

/** The ordinal that a given id such as `row-17` stands for; null for any other id. */
export function ordinalOfDefaultId(id: string): number | null {
  const digits = /^row-([1-9]\d{0,9})$/.exec(id)?.[1];
  return digits === undefined ? null : Number(digits);
}
