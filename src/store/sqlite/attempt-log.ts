import type { LoggedAttempt } from "../logged-attempt.ts";
import type { Database } from "./driver.ts";

const INSERT = `
  INSERT INTO attempts (job, attempt, owner, kind, code, message, http_status, request_id, sent_at, latency_ms,
    retry_after_ms, response, provider, counted)
  VALUES (@job, @attempt, @owner, @kind, @code, @message, @httpStatus, @requestId, @sentAt, @latencyMs,
    @retryAfterMs, @response, @provider, @counted)`;

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
