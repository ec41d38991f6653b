import type { Check } from "../domain/check.ts";
import type { Ending } from "../domain/ending.ts";
import type { ClaimedJob, JobState } from "../domain/job.ts";
import type { Run, RunFigures, Source } from "../domain/run.ts";

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
  /** Set for a bad row that is kept with `--skip-invalid`: it becomes a failed job. */
  error: { code: string; message: string } | null;
}

export type NewRun = Omit<Run, "id" | "state" | "sources" | "written" | "createdAt" | "finishedAt">;

/** A run being filled. Until `finish` nobody can drain it; if the process dies it is dropped by the next one. */
export interface RunImport {
  /**
   * Adds rows of `source` in their order, in one transaction.
   * @throws LlmBatchError DUPLICATE_ID naming both lines.
   */
  append(source: number, rows: readonly ImportRow[]): Promise<void>;
  /** Makes the run `open` and durable. */
  finish(sources: readonly Source[]): Promise<Run>;
  /** Removes every trace of the run. */
  discard(): Promise<void>;
}

/** What was taken back from processes that died. */
export interface Rescue {
  jobs: number;
  /** Calls that may have been sent and not recorded: never more than the dead process had slots. */
  inDoubtAtMost: number;
}

/** One row of an export, in input order. JSON columns are text, ready to be written. */
export interface ResultRow {
  id: number;
  key: string;
  source: number;
  state: JobState;
  row: string;
  output: string | null;
  errorCode: string | null;
  errorMessage: string | null;
  httpStatus: number | null;
  model: string | null;
  finishReason: string | null;
  inputTokens: number | null;
  cachedInputTokens: number | null;
  outputTokens: number | null;
  costUsd: number | null;
  attempts: number;
  latencyMs: number | null;
  /** The whole response body; null unless asked for. */
  raw: string | null;
}

export interface AttemptRow {
  attempt: number;
  kind: string;
  code: string;
  message: string;
  httpStatus: number | null;
  requestId: string | null;
  sentAt: number | null;
  latencyMs: number | null;
  retryAfterMs: number | null;
}

export type JobDetail = ResultRow & { failures: number; availableAt: number; history: readonly AttemptRow[] };

/** What processes share about an endpoint's quota and breaker: JSON text, whose form is the gate's affair. */
export interface EndpointRecord {
  endpoint: string;
  state: string;
  /** Wall clock. */
  updatedAt: number;
}

export interface PageQuery {
  /** Rows with an id above this; 0 for the first page. */
  after: number;
  limit: number;
  states: readonly JobState[];
  raw: boolean;
}

/** Reading the job table: what may be done while others work on it. Every read is short. */
export interface StoreReader {
  findRun(by: RunSelector): Promise<Run | null>;
  listRuns(): Promise<readonly Run[]>;
  /** Whether a live process other than this one works on the run. */
  isWorkedOn(run: string): Promise<boolean>;
  figures(run: string): Promise<RunFigures>;
  /** Rows in input order. */
  page(run: string, query: PageQuery): Promise<ResultRow[]>;
  job(run: string, key: string): Promise<JobDetail | null>;
  listEndpoints(): Promise<readonly EndpointRecord[]>;
  /** Checks what must always hold of the database; reads every row, and may run while others work. */
  verify(): Promise<readonly Check[]>;
  close(): Promise<void>;
}

/** The newest run that fits; one that is still being imported is found by its id alone. */
export type RunSelector =
  | { id: string }
  | { fingerprint: string }
  | { path: string }
  | "latest"
  | "latest-unfinished";

/**
 * The job table. Every write is one durable transaction, or part of one shared with other writes of the same
 * moment; a promise settles after its commit.
 */
export interface Store extends StoreReader {
  // Runs
  beginImport(run: NewRun): Promise<RunImport>;
  /** Records the options a continued run was started with last. */
  updateOptions(run: string, options: Run["options"], output: string | null): Promise<void>;
  /** Records the file that `-o` wrote. */
  noteWritten(run: string, path: string): Promise<void>;
  removeRun(run: string): Promise<void>;
  cancel(run: string): Promise<number>;
  /** Puts failed jobs back to pending; by their error code or their key where given. */
  retry(run: string, filter: { code?: string; key?: string }): Promise<number>;

  // Jobs
  /**
   * Says that this process works on the run with so many slots: what a rescue after its death goes by.
   * @returns a name for this process that no other living one has; a later process may get that of a dead one
   */
  attach(run: string, concurrency: number): Promise<string>;
  /** Takes back the claims of processes that are dead, of every run. Live ones keep theirs. */
  rescue(): Promise<Rescue>;
  /** The models that rows of a run name themselves, null standing for the run's own. */
  models(run: string): Promise<readonly (string | null)[]>;
  /** Claims ready jobs of one model: retries that are due first, then in input order. */
  claim(run: string, model: string | null, limit: number): Promise<ClaimedJob[]>;
  /** Records an attempt's end. False when the job was no longer ours: then only the attempt is kept. */
  record(ending: Ending): Promise<boolean>;
  /** Gives back claims whose calls were never sent; their attempt numbers were not used. */
  release(jobs: readonly ClaimedJob[]): Promise<void>;
  /**
   * Gives failures back that were part of an outage, up to a cap per job; failed jobs among them are pending again.
   * @returns how many were failed and are pending again
   */
  forgive(failures: readonly { job: number; attempt: number }[]): Promise<number>;
  /** Wall clock of the next pending job of a model: 0 when one is ready, null when none is pending. */
  nextAvailableAt(run: string, model: string | null): Promise<number | null>;
  /** Marks the run finished if no job is left pending or running. True when nothing is left to do. */
  finishRun(run: string): Promise<boolean>;

  // Endpoints
  /**
   * Reads, changes and writes an endpoint's shared state in one transaction, so that processes never overwrite
   * each other. `change` is pure and gets null the first time; returning its argument writes nothing.
   */
  updateEndpoint(endpoint: string, change: (state: string | null) => string | null): Promise<string | null>;
}
