import type { Run, Source } from "../domain/run.ts";
import type { Charge } from "../domain/usage.ts";

/** A row on its way into the job table. */
export interface ImportRow {
  /** The user's id; null stands for `row-N`, N being the 1-based record number over all sources. */
  key: string | null;
  /** 1-based line of the source on which the record starts. */
  line: number;
  /** JSON text of the row. */
  row: string;
  /** The row's own model. */
  model: string | null;
  /** Whose budget the row counts for, never empty; null without `--budget-by`. */
  group: string | null;
  /**
   * What its call is estimated to be charged at most; null for a row that can't be sent. Output tokens are 0 where
   * `max_tokens` is not set: nobody knows then.
   */
  charge: Charge | null;
  /** Equal for rows whose requests are the same to the byte; null where nobody asks for that. */
  requestHash: Buffer | null;
  /** Set for a bad row that is kept with `--skip-invalid`: it becomes a failed job. */
  error: { code: string; message: string } | null;
}

export type NewRun = Omit<Run, "id" | "state" | "written" | "createdAt" | "finishedAt"> & {
  /** Whether jobs take over the answers of others with the same `requestHash`: of this run (dedupe), of earlier ones (reuse). */
  sharing: { dedupe: boolean; reuse: boolean };
  /** Whether other runs of the same fingerprint may be there. */
  mayRepeat: boolean;
};

/** How far the reading of a run's inputs has come. */
export interface ReadSoFar {
  rows: number;
  /** Of the files, compressed as they are. */
  bytes: number;
  /** How large the files are. */
  ofBytes: number;
}

/** A run being filled. Until `finish` nobody can drain it; if the process dies it is dropped by the next one. */
export interface RunImport {
  /**
   * Adds rows of `source` in their order, in one transaction; safe from a power cut only when `finish` is through.
   * @throws LlmBatchError DUPLICATE_ID naming both lines.
   */
  append(source: number, rows: readonly ImportRow[]): Promise<void>;
  /** Makes the run `open` and durable. */
  finish(sources: readonly Source[]): Promise<Run>;
  /** Removes every trace of the run. */
  discard(): Promise<void>;
}
