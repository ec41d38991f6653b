import type { JobState } from "../domain/job.ts";

/** One row of an export, in input order. JSON columns are text, ready to be written. */
export interface ResultRow {
  id: number;
  key: string;
  /** Which of the row's answers this is, from 1. */
  sample: number;
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
  reasoningTokens: number | null;
  serviceTier: string | null;
  /** Who answered, or refused last: the provider's name, or the host where it has none. */
  provider: string | null;
  costUsd: number | null;
  attempts: number;
  latencyMs: number | null;
  /** The provider's own name for the call. */
  requestId: string | null;
  /** The whole response body; null unless asked for. */
  raw: string | null;
  /**
   * The job whose end this one took over, by `--dedupe` or `--reuse`; null for a call of its own, and until there is an end.
   * Usage and cost are 0 then, as nothing was paid for it.
   */
  answeredBy: { run: string; key: string; sample: number } | null;
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
  /** Who was asked; null where it is unknown. */
  provider: string | null;
  /** The reply as it came, where it was kept: answers are, and the last refusal of a job that failed. */
  raw: string | null;
}

export type JobDetail = ResultRow & { failures: number; availableAt: number; history: readonly AttemptRow[] };

export interface PageQuery {
  /** Rows with an id above this; 0 for the first page. */
  after: number;
  limit: number;
  /** What the texts of the rows may come to, unless the first alone is longer. Default: any length. */
  maxCharacters?: number;
  states: readonly JobState[];
  raw: boolean;
}

/** What is looked for. The wanted rows are told apart as `page` does. */
export interface SearchQuery extends Omit<PageQuery, "raw"> {
  /** Rows looked at, at most, so that a search for what is rare is no long read. */
  span: number;
  /** Only rows that failed with this code; null for all. */
  code: string | null;
  /** Only rows with this in their id, their text or their answer, whatever the case of its Latin letters; null for all. */
  text: string | null;
}

export interface Found {
  rows: ResultRow[];
  /** `after` of the search that goes on from here; null when every row was looked at. */
  next: number | null;
}

/** A job without its texts: what can be read of every row of a large run. */
export interface OutlineRow {
  id: number;
  state: JobState;
  /** Of the answer; null without one, and for one that was taken over. */
  latencyMs: number | null;
  costUsd: number | null;
}

/**
 * A row's id as users know it, `q-1#2` being the second answer to `q-1`, and `q-1` its first where one is meant; or the
 * number of the job, see `ResultRow.id`.
 */
export type RowName = string | number;
