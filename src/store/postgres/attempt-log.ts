import type { LoggedAttempt } from "../logged-attempt.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";

const INSERT = statement<Record<string, unknown>>(`
  INSERT INTO {attempts} (job, attempt, owner, kind, code, message, http_status, request_id, sent_at, latency_ms,
    retry_after_ms, response, provider, counted)
  SELECT * FROM unnest(@job::bigint[], @attempt::integer[], @owner::bigint[], @kind::text[], @code::text[],
    @message::text[], @httpStatus::integer[], @requestId::text[], @sentAt::bigint[], @latencyMs::bigint[],
    @retryAfterMs::bigint[], @response::text[], @provider::text[], @counted::integer[])`);

/** Appends to `attempts`; part of a write. */
export async function logAttempts(session: Session, attempts: readonly LoggedAttempt[]): Promise<void> {
  if (attempts.length === 0) return;
  const names = Object.keys(attempts[0]!) as (keyof LoggedAttempt)[];
  const columns = Object.fromEntries(names.map((name) => [name, attempts.map((attempt) => attempt[name])]));
  await session.run(INSERT, columns);
}
