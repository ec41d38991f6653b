import type { AttemptRow } from "../ports/results.ts";

/** An attempt that did not become a result. */
export interface LoggedAttempt extends Omit<AttemptRow, "raw"> {
  job: number;
  owner: number | null;
  response: string | null;
  /** 1 where the attempt uses up one of the job's failures. */
  counted: number;
}
