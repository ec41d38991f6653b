import type { LoggedAttempt } from "./logged-attempt.ts";

/** A row whose process died this often while the row was in its hands is taken to be the reason. */
export const CRASHES_AT_MOST = 10;

/** How many failures a job gets back in all: a row that brings the provider down must fail in the end. */
export const FORGIVEN_AT_MOST = 10;

export const CRASHED = {
  code: "CRASHED",
  message: `the process died ${CRASHES_AT_MOST} times while it had this row`,
};

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
