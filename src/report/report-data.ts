import type { Percentiles } from "../domain/histogram.ts";
import type { JobState } from "../domain/job.ts";
import type { AttemptRow } from "../ports/results.ts";

/** Everything the page shows; what the page's own scripts read. Times are wall clock, in milliseconds. */
export interface ReportData {
  version: string;
  madeAt: number;
  /** Whether the page is served by `ui`: then figures follow the run, and every row is a request away. */
  isLive: boolean;
  /**
   * What commands on the page end with, so that they find the database: ` --db FILE`, or nothing. A file may be sent to others,
   * so it says no more than that a database is to be named.
   */
  dbFlag: string;
  figures: ReportedFigures;
  /** Null where none was kept. */
  history: ReportedHistory | null;
  slowest: readonly ReportedRow[];
  dearest: readonly ReportedRow[];
  /** Empty on the live page. */
  sample: ReportedSample;
}

/** A run as it stands. */
export interface ReportedFigures {
  run: string;
  state: "importing" | "running" | "finished" | "stopped" | "cancelled";
  /** Why processes that worked on it stopped. A file may be sent to others, so it doesn't name them. */
  stops: readonly ReportedStop[];
  input: string;
  /** The provider's name, and the model. */
  targets: readonly string[];
  createdAt: number;
  finishedAt: number | null;
  jobs: Record<JobState, number> & { total: number };
  attempts: { total: number; succeeded: number; throttled: number; retried: number; in_doubt: number };
  tokens: { input: number; cached_input: number; output: number };
  cost_usd: number | null;
  /** Answers whose price is unknown. */
  unpriced: number;
  rate: { requests_per_minute: number; tokens_per_minute: number };
  latency_ms: Percentiles;
  wait_ms: Percentiles;
  total_ms: Percentiles;
  eta_seconds: number | null;
  breaker: readonly ReportedBreaker[];
  failures: readonly { code: string; count: number; example: { id: string; message: string } | null }[];
  /** What can be done now; empty while the run is worked on. */
  steps: readonly ReportedStep[];
}

interface ReportedStop {
  code: string;
  message: string;
  /** When the last of them did. */
  at: number;
  /** How many stopped for it. */
  processes: number;
}

interface ReportedBreaker {
  endpoint: string;
  state: "closed" | "open" | "half-open" | "ramping" | "blocked";
  retry_at: string | null;
  /** Why it is open or blocked; null else. */
  reason: string | null;
}

/** What to do, and the command that does it; null where it stands in the text, in backticks, or there is none. */
export interface ReportedStep {
  what: string;
  command: string | null;
}

/**
 * What happened when: one entry of each list for each span of time, in their order. Spans may differ in length, and begin and end
 * with the run; gaps are pauses.
 */
export interface ReportedHistory {
  at: readonly number[];
  spanMs: readonly number[];
  /** Calls that were sent. */
  calls: readonly number[];
  /** Calls that ended as refused by a limit. */
  throttled: readonly number[];
  inputTokens: readonly number[];
  outputTokens: readonly number[];
  /** Null where a price is unknown. */
  costUsd: readonly (number | null)[];
  latency: readonly Percentiles[];
  wait: readonly Percentiles[];
  /** Quotas per minute, of all endpoints together; null where unknown. */
  requestLimit: readonly (number | null)[];
  tokenLimit: readonly (number | null)[];
  breaker: readonly BreakerSpan[];
}

/** A stretch of time in which a breaker let less through than it was asked to. */
export interface BreakerSpan {
  endpoint: string;
  state: "open" | "half-open" | "ramping" | "blocked";
  from: number;
  /** Null while it lasts. */
  to: number | null;
  reason: string | null;
}

/** A row for people to look at. Texts longer than what the page can carry end with how much more there is. */
export interface ReportedRow {
  /** The job's number, see `ResultRow.id`. */
  number: number;
  /** As users name it: `q-1`, or `q-1#2`. */
  id: string;
  state: JobState;
  prompt: ReportedText;
  /** The row as it was read; null where it says no more than id and prompt, and in lists. */
  input: ReportedText | null;
  /** Null without one. */
  answer: ReportedText | null;
  error: { code: string; message: string; httpStatus: number | null } | null;
  model: string | null;
  provider: string | null;
  finishReason: string | null;
  inputTokens: number | null;
  cachedInputTokens: number | null;
  outputTokens: number | null;
  costUsd: number | null;
  attempts: number;
  latencyMs: number | null;
  answeredBy: string | null;
  /** Every attempt that is kept; null in lists. */
  history: readonly ReportedAttempt[] | null;
}

export interface ReportedText {
  text: string;
  /** Characters left out. */
  left: number;
}

export type ReportedAttempt = Omit<AttemptRow, "provider" | "raw">;

/** The rows a file carries. */
interface ReportedSample {
  rows: readonly ReportedRow[];
  total: number;
  /** How many of the failed rows are among them. */
  failures: number;
}

/** A run among those of its database. */
export type ListedRun = Pick<ReportedFigures, "run" | "state" | "input" | "createdAt" | "jobs">;

/** What the live page's switch of runs gets, the newest first. */
export interface RunList {
  runs: readonly ListedRun[];
  /** How many older ones there are. */
  left: number;
}

/** What the live page's row list gets. */
export interface RowList {
  rows: readonly ReportedRow[];
  /** Where the search goes on; null at the end. */
  next: number | null;
}
