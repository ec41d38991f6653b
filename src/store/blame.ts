import type { LoggedAttempt } from "./logged-attempt.ts";
import type { TallySum } from "./tally-sum.ts";

/** A row whose process died this often while the row was in its hands is taken to be the reason. */
const CRASHES_AT_MOST = 10;

/** How many failures a job gets back in all: a row that brings the provider down must fail in the end. */
export const FORGIVEN_AT_MOST = 10;

const CRASHED = {
  code: "CRASHED",
  message: `the process died ${CRASHES_AT_MOST} times while it had this row`,
};

/** What becomes of a job whose process died once more. */
export function afterCrash(crashes: number): {
  state: "pending" | "failed";
  code: string | null;
  message: string | null;
} {
  if (crashes + 1 < CRASHES_AT_MOST) return { state: "pending", code: null, message: null };
  return { state: "failed", ...CRASHED };
}

/** Part of the write that takes them back. */
export function countTakenBack(
  tallies: Pick<TallySum, "add">,
  run: number,
  state: "pending" | "failed",
  jobs: number,
): void {
  tallies.add(run, "jobs.running", -jobs);
  tallies.add(run, `jobs.${state}`, jobs);
  if (state === "failed") tallies.add(run, `failure.${CRASHED.code}`, jobs);
}

/** What is kept of an attempt whose process died. */
export const IN_DOUBT: Omit<LoggedAttempt, "job" | "attempt" | "owner"> = {
  kind: "in_doubt",
  code: "in_doubt",
  message: "the process died before the end of this attempt was recorded; the call may have been made",
  httpStatus: null,
  requestId: null,
  sentAt: null,
  latencyMs: null,
  retryAfterMs: null,
  response: null,
  provider: null,
  counted: 0,
};
