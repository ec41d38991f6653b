import type { JobState } from "../domain/job.ts";

/** Rows that follow each other in a run. */
export interface StretchQuery {
  /** Rows with an id above this; 0 for the first ones. */
  after: number;
  /** Rows at most, those in other states among them. */
  limit: number;
  /** What their texts may come to, unless the first alone is longer. */
  maxBytes: number;
  states: readonly JobState[];
}

/** Results in the form of a JSONL export. */
export interface LinesPage {
  /** Each line with its newline. */
  text: string;
  byState: Readonly<Record<JobState, number>>;
  /** `after` of what follows. */
  last: number;
}

/** A result as a table shows it. */
export interface TableRow {
  key: string;
  sample: number;
  source: number;
  state: JobState;
  /** The row, parsed: numbers may be rounded. */
  row: unknown;
  /** The row's JSON text; null unless asked for. */
  rowText: string | null;
  /** A text as it is, anything else as its JSON text; empty without an answer. */
  answer: string;
  errorCode: string | null;
  errorMessage: string | null;
  model: string | null;
  inputTokens: number | null;
  outputTokens: number | null;
  costUsd: number | null;
  attempts: number;
  /** As `ResultRow.answeredBy`. */
  answeredBy: { run: string; key: string; sample: number } | null;
}

export interface TablePage {
  rows: TableRow[];
  /** `after` of what follows. */
  last: number;
}

/**
 * Results as texts that the database itself puts together, many times faster than of values one by one. Only for runs of one
 * answer a row, none of which is shared. Null when no rows are left.
 */
export interface ResultTexts {
  lines(run: string, query: StretchQuery): Promise<LinesPage | null>;
  /** @param withTexts whether rows have their `rowText` */
  table(run: string, query: StretchQuery, withTexts: boolean): Promise<TablePage | null>;
}
