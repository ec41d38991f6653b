import type { OutlineRow } from "../../ports/results.ts";
import { keyRange } from "../keys.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";

/** An answer that was taken over took no time and cost nothing. */
const PAGE = statement<{ after: number; last: number; limit: number }, OutlineRow>(`
  SELECT jobs.id, jobs.state, results.latency_ms AS "latencyMs", results.cost_usd AS "costUsd"
  FROM {jobs} LEFT JOIN {results} ON results.job = jobs.id AND results.answered_by IS NULL
  WHERE jobs.id > @after AND jobs.id <= @last
  ORDER BY jobs.id LIMIT @limit`);

/** Jobs without their texts, in input order. */
export function outlineOf(
  session: Session,
  run: number,
  after: number,
  limit: number,
): Promise<OutlineRow[]> {
  const { first, last } = keyRange(run);
  return session.all(PAGE, { after: Math.max(after, first - 1), last, limit });
}
