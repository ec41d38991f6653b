import type { JobState } from "../domain/job.ts";
import type { TallySum } from "./tally-sum.ts";

/** So many twins that follow their leaders from one state to another. */
export interface TwinChange {
  before: JobState;
  codeBefore: string | null;
  after: JobState;
  codeAfter: string | null;
  count: number;
}

/** Part of the write in which they follow. */
export function countFollowed(
  tallies: TallySum,
  run: number,
  { before, codeBefore, after, codeAfter, count }: TwinChange,
): void {
  tallies.add(run, `jobs.${before}`, -count);
  tallies.add(run, `jobs.${after}`, count);
  if (before === "failed") tallies.add(run, `failure.${codeBefore}`, -count);
  if (after === "failed") tallies.add(run, `failure.${codeAfter}`, count);
}
