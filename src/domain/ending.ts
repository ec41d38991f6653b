import type { ClaimedJob, JobState } from "./job.ts";
import type { Outcome } from "./outcome.ts";
import type { Spend } from "./spend.ts";

/** When an attempt's parts began and ended; all in milliseconds. */
interface Timing {
  /** Wall clock at sending. */
  sentAt: number;
  /** The call alone. */
  latencyMs: number;
  /** From a slot being free for the job to the sending. */
  waitMs: number;
  /** Monotonic time at which the slot became free: what `total` is counted from. */
  slotFreeAt: number;
}

/** What becomes of a job after an attempt. */
export interface Decision {
  /** `pending` sends it again at `availableAt`. */
  state: Extract<JobState, "succeeded" | "failed" | "pending">;
  /** Wall clock; 0 when `state` isn't `pending`. */
  availableAt: number;
  /** What the attempt uses up: one of the job's `--max-attempts`, one of its `--schema-attempts`, or nothing. */
  countsAs: "failure" | "invalid" | null;
  /**
   * The stage of the fallback chain that takes the job over, with all of its attempts before it again; absent where the job stays.
   */
  toStage?: number;
}

/** An attempt that is over and waits to be recorded. */
export interface Ending {
  job: ClaimedJob;
  outcome: Outcome;
  decision: Decision;
  timing: Timing;
  /** What the call was taken to use when it was sent. */
  estimate: Spend;
  /** Who was asked: the provider's name, or the host where it has none. */
  provider: string;
}
