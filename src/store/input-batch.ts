import type { ImportRow, NewRun } from "../ports/import.ts";

/** Rows of one source that follow each other, on their way into a run. */
export interface InputBatch {
  run: number;
  samples: number;
  sharing: NewRun["sharing"];
  source: number;
  firstOrdinal: number;
  rows: readonly ImportRow[];
}
