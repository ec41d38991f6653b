import type { JobState } from "../../domain/job.ts";

/** What a result says of its job. A job in flight has no result yet, so it is pending to the reader of a file. */
export type ResultStatus = Exclude<JobState, "running">;

export function statusOf(state: JobState): ResultStatus {
  return state === "running" ? "pending" : state;
}
