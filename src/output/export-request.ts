import type { Writable } from "node:stream";
import type { JobState } from "../domain/job.ts";
import type { Run } from "../domain/run.ts";
import type { Store } from "../ports/store.ts";
import type { Watch } from "./follow.ts";
import type { OutputFormat } from "./formats/formats.ts";

/** Which results of a run are written, where and how. */
export interface ExportRequest {
  store: Pick<Store, "page" | "texts">;
  run: Run;
  /** `-` for standard output. */
  path: string;
  stdout: Writable & { isTTY?: boolean };
  /** Null goes by the path's ending and the input. */
  format: OutputFormat | null;
  /** Which jobs; `JOB_STATES` for all. */
  states: readonly JobState[];
  /** Allows an unfinished run. */
  partial: boolean;
  /** Replaces a file that is there. */
  force: boolean;
  /** Adds the provider's whole response; JSONL only. */
  includeRaw: boolean;
  /** Keeps spreadsheets from reading texts as formulas; CSV only. */
  escapeFormulas: boolean;
  /** Gives each field of the answers' schema a column; CSV and TSV only. */
  answerColumns: boolean;
  /** What the names of the results' columns begin with, null for the usual; CSV and TSV only. */
  columnPrefix: string | null;
  /** Waits for the rows of an unfinished run to be done, until this says that it's over; null writes what is there. */
  follow: Watch | null;
}
