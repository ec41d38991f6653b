import type { Database } from "./driver.ts";

const INSERT = `
  INSERT INTO attempts (job, attempt, owner, kind, code, message, http_status, request_id, sent_at, latency_ms,
    retry_after_ms, response, provider, counted)
  VALUES (@job, @attempt, @owner, @kind, @code, @message, @httpStatus, @requestId, @sentAt, @latencyMs,
    @retryAfterMs, @response, @provider, @counted)`;

interface LoggedAttempt {
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

/** Appends to `attempts`; part of a write. */
export class AttemptLog {
  readonly #insert;

  constructor(db: Database) {
    this.#insert = db.prepare<[LoggedAttempt]>(INSERT);
  }

  append(attempt: LoggedAttempt): void {
    this.#insert.run(attempt);
  }
}
