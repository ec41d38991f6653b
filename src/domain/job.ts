/** States of a job. `pending` also covers waiting for `availableAt`. See ARCHITECTURE, "A job's life". */
export type JobState = "pending" | "running" | "succeeded" | "failed" | "cancelled";

export const JOB_STATES: readonly JobState[] = ["pending", "running", "succeeded", "failed", "cancelled"];

/** How many jobs of a run are in each state. */
export type JobCounts = Record<JobState, number> & { total: number };

/** A job in this process's hands: recorded as running, under this attempt number, before it is sent. */
export interface ClaimedJob {
  id: number;
  /** The user's id of the row, e.g. `q-17`, or `row-17`. */
  key: string;
  /** The number of this attempt, from 1; never used twice for a job. */
  attempt: number;
  /** Failures so far that count against `--max-attempts`. */
  failures: number;
  /** Answers so far that didn't fit the JSON Schema. */
  invalid: number;
  /** Requests so far that were answered, or were given up by hand: with it, each new one has an Idempotency-Key of its own. */
  asks: number;
  /** The row as JSON text, exactly as it was read. */
  row: string;
  /** The row's own model, where it names one. */
  model: string | null;
  /** The group whose budget it counts for; null without `--budget-by`. */
  group: string | null;
}
