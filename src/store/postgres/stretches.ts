import type { InputBatch } from "../input-batch.ts";
import { keyOf } from "../keys.ts";
import type { LaneKey } from "./lanes.ts";

/** Valid rows of the same model and group that follow each other. */
export interface Stretch {
  first: number;
  last: number;
  lane: LaneKey;
}

export function stretchesOf({ run, firstOrdinal, rows }: InputBatch): Stretch[] {
  const stretches: Stretch[] = [];
  for (const [at, { model, group, error }] of rows.entries()) {
    if (error !== null) continue;
    const key = keyOf(run, firstOrdinal + at);
    const open = stretches.at(-1);
    if (open && open.last === key - 1 && open.lane.model === model && open.lane.group === group)
      open.last = key;
    else stretches.push({ first: key, last: key, lane: { model, stage: 0, group } });
  }
  return stretches;
}
