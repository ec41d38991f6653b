import type { AttemptRow, JobDetail, PageQuery, ResultRow } from "../../ports/results.ts";
import { keyRange } from "../keys.ts";
import { type RowValues, toResultRow } from "../result-values.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";

/** The run, row and sample that a twin follows; the CASE keeps every other job from looking for one. */
const LEADER = `
  CASE WHEN jobs.twin IS NOT NULL AND jobs.state IN ('succeeded', 'failed') THEN (
    SELECT json_build_array(runs.id, coalesce(inputs.key, 'row-' || (inputs.id & 4294967295)), lead.sample)::text
    FROM {jobs} AS lead JOIN {inputs} ON inputs.id = lead.input JOIN {runs} ON runs.number = inputs.run
    WHERE lead.id = jobs.twin
  ) END`;
/** In the order of `RowValues`. */
export const RESULT_COLUMNS = `
  jobs.id, coalesce(inputs.key, 'row-' || (inputs.id & 4294967295)) AS key, jobs.sample, inputs.source, jobs.state,
    inputs.row, results.output, jobs.error_code, jobs.error_message,
    coalesce(results.http_status, attempts.http_status) AS http_status, results.model, results.finish_reason,
    results.input_tokens, results.cached_input_tokens, results.output_tokens, results.reasoning_tokens,
    results.service_tier, coalesce(results.provider, attempts.provider) AS provider, results.cost_usd, jobs.attempt,
    coalesce(results.latency_ms, attempts.latency_ms) AS latency_ms,
    coalesce(results.request_id, attempts.request_id) AS request_id,
    CASE WHEN @raw::boolean THEN coalesce(results.response, attempts.response) END AS raw,
    coalesce(results.answered_by, ${LEADER}) AS answered_by`;
/** A failed job's reply is that of its last attempt, a twin's that of its leader. */
export const RESULT_SOURCES = `
  FROM {jobs} JOIN {inputs} ON inputs.id = jobs.input
  LEFT JOIN {results} ON results.job = coalesce(jobs.twin, jobs.id)
  LEFT JOIN {attempts} ON attempts.id = CASE WHEN jobs.state = 'failed' THEN (
    SELECT max(last.id) FROM {jobs} AS sent JOIN {attempts} AS last ON last.job = sent.id AND last.attempt = sent.attempt
    WHERE sent.id = coalesce(jobs.twin, jobs.id)
  ) END`;
/** The same by their names. */
export const PAGE_COLUMNS = `
  id, key, sample, source, state, "row", output, error_code, error_message, http_status, model, finish_reason,
    input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, service_tier, provider, cost_usd, attempt,
    latency_ms, request_id, raw, answered_by`;
/**
 * Long texts are handed through as what they point to: of rows beyond the page's allowance they are never read.
 */
const PAGE = statement<PageParameters, RowValues>(`
  SELECT ${PAGE_COLUMNS} FROM (
    SELECT *, sum(size) OVER (ORDER BY id) AS upto FROM (
      SELECT ${RESULT_COLUMNS}, inputs.characters + coalesce(results.output_characters, 0)
        + CASE WHEN @raw::boolean THEN coalesce(results.response_characters, 0) ELSE 0 END AS size ${RESULT_SOURCES}
      WHERE jobs.id > @after AND jobs.id <= @last AND jobs.state = ANY(@states::text[])
      ORDER BY jobs.id LIMIT @limit
    ) AS found
  ) AS sized
  WHERE upto <= @most::bigint OR upto = size
  ORDER BY id`);
const JOB = statement<{ id: number; raw: boolean }, DetailValues>(
  `SELECT ${RESULT_COLUMNS}, jobs.failures, jobs.available_at ${RESULT_SOURCES} WHERE jobs.id = @id`,
);
const HISTORY = statement<{ id: number }, AttemptRow>(`
  SELECT attempt, kind, code, message, http_status AS "httpStatus", request_id AS "requestId", sent_at AS "sentAt",
    latency_ms AS "latencyMs", retry_after_ms AS "retryAfterMs", provider, response AS raw
  FROM {attempts} WHERE job = @id
  UNION ALL
  SELECT attempt, 'succeeded', '', '', http_status, request_id, sent_at, latency_ms, NULL, provider, response
  FROM {results} WHERE job = @id AND answered_by IS NULL
  ORDER BY attempt`);
const ANY_LENGTH = Number.MAX_SAFE_INTEGER;

interface PageParameters {
  after: number;
  last: number;
  limit: number;
  most: number;
  states: readonly string[];
  raw: boolean;
}

type DetailValues = [...RowValues, failures: number, availableAt: number];

/** Jobs with their results, in input order. */
export async function pageOf(
  session: Session,
  run: number,
  { after, states, raw, limit, maxCharacters = ANY_LENGTH }: PageQuery,
): Promise<ResultRow[]> {
  const { first, last } = keyRange(run);
  const from = Math.max(after, first - 1);
  const most = Math.min(Math.max(Math.floor(maxCharacters), 0), ANY_LENGTH);
  const rows = await session.arrays(PAGE, { after: from, last, limit, most, states, raw });
  return rows.map(toResultRow);
}

/** A job with its attempts; of a job that took over an answer there are none. */
export async function jobDetail(session: Session, id: number): Promise<JobDetail | null> {
  const [values] = await session.arrays(JOB, { id, raw: true });
  if (values === undefined) return null;
  const [failures, availableAt] = values.slice(-2) as [number, number];
  return { ...toResultRow(values), failures, availableAt, history: await session.all(HISTORY, { id }) };
}
