/** An attempt that did not become a result. */
export interface LoggedAttempt {
  job: number;
  attempt: number;
  owner: number | null;
  kind: string;
  code: string;
  message: string;
  httpStatus: number | null;
  requestId: string | null;
  sentAt: number | null;
  latencyMs: number | null;
  retryAfterMs: number | null;
  response: string | null;
  provider: string | null;
  /** 1 where the attempt uses up one of the job's failures. */
  counted: number;
}
