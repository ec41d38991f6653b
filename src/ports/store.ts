import type { Check } from "../domain/check.ts";
import type { Ending } from "../domain/ending.ts";
import type { HistorySpan } from "../domain/history.ts";
import type { ClaimedJob } from "../domain/job.ts";
import type { Run, RunFigures } from "../domain/run.ts";
import type { InDoubt, SpendReport, Unrescued } from "../domain/spend.ts";
import type { RecordedStop, StopReason } from "../domain/stop-reason.ts";
import type { NewRun, RunImport } from "./import.ts";
import type { ResultTexts } from "./result-texts.ts";
import type { Found, JobDetail, OutlineRow, PageQuery, ResultRow, RowName, SearchQuery } from "./results.ts";

/** What was taken back from processes that died. */
export interface Rescue {
  jobs: number;
  /** Calls that may have been sent and not recorded: never more than the dead process had slots. */
  inDoubtAtMost: number;
  /**
   * The same by run and by the models that rows name, each at most, with the largest estimates among the claims. Output of rows
   * that don't limit it counts as 0, and so does what was read in by a version that didn't estimate.
   */
  inDoubt: readonly (InDoubt & { run: string })[];
}

/** A row that has an answer, and no hash by which a later run could take it over. */
export interface UnhashedRow {
  id: number;
  /** JSON text of the row. */
  row: string;
}

/** What processes share about an endpoint's quota and breaker: JSON text, whose form is the gate's affair. */
export interface EndpointRecord {
  endpoint: string;
  state: string;
  /** Wall clock. */
  updatedAt: number;
}

/**
 * What became of an attempt's end. `superseded`: the job was no longer ours, so only the attempt is kept. `spooled`: the
 * database failed, so it is kept on this machine, and recorded by the next process here that opens the database.
 */
export type Recorded = "recorded" | "superseded" | "spooled";

/** Ends that were spooled, by what became of them in the end. */
export interface Recovered {
  recorded: number;
  /** Their jobs had been claimed again, or were over: only the attempts are kept. */
  late: number;
}

/** `full`: a commit survives power loss. `normal`: it survives a crash of the process, not of the machine. */
export type Durability = "full" | "normal";

/** Where a job stands in line: the model its row names (null for none), at a stage of the fallback chain (0 first). */
export interface Queue {
  model: string | null;
  stage: number;
}

/** Some of the groups. */
export type GroupSet = Pick<ReadonlySet<string>, "has">;

export const NO_GROUPS: GroupSet = new Set();

export interface ClaimBounds {
  /** Most characters of rows, unless the first alone is longer. Default: any length. */
  maxCharacters?: number;
  /** Groups that are left out. Default: none. */
  closed?: GroupSet;
}

/** Reading the job table: what may be done while others work on it. Every read is short. */
export interface StoreReader {
  findRun(by: RunSelector): Promise<Run | null>;
  listRuns(): Promise<readonly Run[]>;
  /** Whether a live process other than this one works on the run. */
  isWorkedOn(run: string): Promise<boolean>;
  figures(run: string): Promise<RunFigures>;
  /** What budgets go by. A run that was deleted still counts for its hour and day. */
  spend(run: string): Promise<SpendReport>;
  /** What the next rescue will add to a run's calls in doubt, in the form of `spend`. For runs that no living process works on. */
  unrescued(run: string): Promise<Unrescued>;
  /**
   * Why processes that work or worked on an open run stopped or died, the oldest first: those since `forgetStops`. Nothing is on
   * record of versions that didn't write it.
   */
  stops(run: string): Promise<readonly RecordedStop[]>;
  /** The models that rows of a run name themselves, null standing for the run's own. */
  models(run: string): Promise<readonly (string | null)[]>;
  /**
   * Wall clock at which a queue's next pending job is due, `closed` groups left out: 0 when one is ready, null when none is
   * pending.
   */
  nextAvailableAt(run: string, queue: Queue, closed?: GroupSet): Promise<number | null>;
  /** The groups that have pending jobs in a queue. */
  pendingGroups(run: string, queue: Queue): Promise<ReadonlySet<string>>;
  /** What happened over time, oldest first. */
  history(run: string): Promise<readonly HistorySpan[]>;
  /** Rows in input order. */
  page(run: string, query: PageQuery): Promise<ResultRow[]>;
  search(run: string, query: SearchQuery): Promise<Found>;
  /** Jobs in input order, above the number `after` (0 for the first ones). */
  outline(run: string, after: number, limit: number): Promise<OutlineRow[]>;
  job(run: string, key: RowName): Promise<JobDetail | null>;
  listEndpoints(): Promise<readonly EndpointRecord[]>;
  /** Checks what must always hold of the database; reads every row, and may run while others work. */
  verify(): Promise<readonly Check[]>;
  /** Missing where the database doesn't put results together as text. */
  readonly texts?: ResultTexts;
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
  /** Says how safe the commits from now on are. */
  setDurability(durability: Durability): Promise<void>;
  /** Says that the process is about to end: from now on a database that is away is waited for a few seconds at most. */
  hurry(): void;
  /** For a process that ends at once: spools what is in hand. Nothing may be asked of the store any more. */
  abandon(): void;
  /** Records what was spooled on this machine; opening does so too, and this tells of it. */
  recover(): Promise<Recovered>;
  /**
   * Calls `listener` when another process has made work: a run was imported, or rows were put back. It may come late or never, so a
   * caller that waits for work also looks for itself from time to time.
   * @returns takes the listener away again
   */
  onNews(listener: () => void): () => void;

  /** A text that changes whenever another process has written to the database. What this process writes doesn't change it. */
  othersVersion(): Promise<string>;

  // Runs
  beginImport(run: NewRun): Promise<RunImport>;
  /** Records the options a continued run was started with last. */
  updateOptions(run: string, options: Run["options"], output: string | null): Promise<void>;
  /** Records the file that `-o` wrote. */
  noteWritten(run: string, path: string): Promise<void>;
  removeRun(run: string): Promise<void>;
  cancel(run: string): Promise<number>;
  /**
   * Puts failed jobs back to pending; by their error code or their row where given, all answers to a row where its id names
   * none. One that follows another is sent again through that other.
   * @returns how many are pending again
   */
  retry(run: string, filter: { code?: string; key?: RowName }): Promise<number>;

  // Jobs
  /**
   * Says that this process works on the run with so many slots. If it dies, no more calls than that are taken to be in doubt.
   * @returns a name for this process that no other living one has; a later process may get that of a dead one
   */
  attach(run: string, concurrency: number): Promise<string>;
  /** Says that this process works on the run no more, though it goes on with others. Claims that are left keep it at work. */
  detach(run: string): Promise<void>;
  /** Puts on record why this process stops before an open run is done. A later reason takes the place of an earlier one. */
  noteStop(run: string, reason: StopReason): Promise<void>;
  /** For who goes on with a run: what stopped others before is past. So it is by itself where a run ends. */
  forgetStops(run: string): Promise<void>;
  /** Takes back the claims of processes that are dead, of every run. Live ones keep theirs. */
  rescue(): Promise<Rescue>;
  /**
   * Claims ready jobs of one queue, of each group in its turn: its retries that are due first, then in input order. No
   * more than `limit`; it may be fewer than are ready; none means that none is.
   */
  claim(run: string, queue: Queue, limit: number, bounds?: ClaimBounds): Promise<ClaimedJob[]>;
  /** Records an attempt's end. */
  record(ending: Ending): Promise<Recorded>;
  /** Whether a claim is still ours: a process that slept may have been taken for dead, and its claims taken back. */
  holds(job: ClaimedJob): Promise<boolean>;
  /** Gives back claims whose calls were never sent; their attempt numbers were not used. Spooled as ends are. */
  release(jobs: readonly ClaimedJob[]): Promise<void>;
  /**
   * Gives failures back that were part of an outage, up to a cap per job; failed jobs among them are pending again.
   * @returns how many were failed and are pending again
   */
  forgive(failures: readonly { job: number; attempt: number }[]): Promise<number>;
  /**
   * Makes a group's pending jobs failed; `retry` puts them back. Those that are running come to their own end.
   * @returns how many have failed by it, jobs that follow them among them
   */
  failGroup(run: string, group: string, error: { code: string; message: string }): Promise<number>;
  /**
   * Shortens the waits of jobs to `longestMs` from now, or to what the provider asked of them if that is longer. Only a wall
   * clock that was set back makes a wait longer than that.
   */
  capWaits(run: string, longestMs: number): Promise<void>;
  /** Lets every pending job go at once, whatever it waits for: the user knows that the provider serves again. */
  endWaits(run: string): Promise<void>;
  /** Marks the run finished if no job is left pending or running. True when nothing is left to do. */
  finishRun(run: string): Promise<boolean>;

  // Sharing
  /**
   * Answered rows of a run that have no hash by which later runs could find them, in input order. `after` is the last one's id, or
   * 0.
   */
  unhashed(run: string, after: number, limit: number): Promise<readonly UnhashedRow[]>;
  /** Gives rows their hashes, which are what `ImportRow.requestHash` would have been. */
  setHashes(hashes: readonly { id: number; hash: Buffer }[]): Promise<void>;

  // History
  /**
   * Adds spans of the finest length to a run's history in one transaction: what several processes did in the same span adds
   * up. Where there are too many of a length, the older ones are joined.
   */
  addHistory(run: string, spans: readonly HistorySpan[]): Promise<void>;

  // Endpoints
  /**
   * Reads, changes and writes an endpoint's shared state in one transaction, so that processes never overwrite
   * each other. `change` is pure and gets null the first time; returning its argument writes nothing.
   */
  updateEndpoint(endpoint: string, change: (state: string | null) => string | null): Promise<string | null>;
}
