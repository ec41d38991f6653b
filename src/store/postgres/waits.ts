import type { Session } from "./session.ts";
import { statement } from "./statement.ts";

const CAP = statement<Cap>(`
  UPDATE {jobs} SET available_at = @wallMs::bigint + longest.ms
  FROM (
    SELECT waiting.id AS job, greatest(@longestMs::bigint, coalesce((
      SELECT retry_after_ms FROM {attempts} WHERE attempts.job = waiting.id ORDER BY attempt DESC LIMIT 1
    ), 0)) AS ms
    FROM {jobs} AS waiting
    WHERE waiting.lane IN (SELECT id FROM {lanes} WHERE run = @run) AND waiting.state = 'pending'
      AND waiting.available_at > 0 AND waiting.available_at > @wallMs::bigint + @longestMs::bigint
  ) AS longest
  WHERE jobs.id = longest.job AND jobs.state = 'pending' AND jobs.available_at > @wallMs::bigint + longest.ms`);

const END = statement<Omit<Cap, "longestMs">>(`
  UPDATE {jobs} SET available_at = @wallMs
  WHERE lane IN (SELECT id FROM {lanes} WHERE run = @run) AND state = 'pending'
    AND available_at > 0 AND available_at > @wallMs`);

interface Cap {
  run: number;
  longestMs: number;
  wallMs: number;
}

/** Shortens waits that only a wall clock that was set back can have made so long; part of a write. */
export async function capWaits(session: Session, cap: Cap): Promise<void> {
  await session.run(CAP, cap);
}

/** Lets every pending job go at once; part of a write. */
export async function endWaits(session: Session, run: number, wallMs: number): Promise<void> {
  await session.run(END, { run, wallMs });
}
