import { JOB_STATES } from "../../domain/job.ts";

/** Results as texts that SQLite itself puts together: a row costs a quarter of what its values cost one by one. */

const KEY = "json_quote(coalesce(inputs.key, 'row-' || (inputs.id & 4294967295)))";
/** SQLite would write other digits than JavaScript. */
const COST = "CASE WHEN results.cost_usd IS NULL THEN 'null' ELSE js_number(results.cost_usd) END";
const ERROR = `
  CASE WHEN jobs.error_code IS NULL THEN 'null' ELSE printf('{"code":%s,"message":%s,"http_status":%s}',
    json_quote(jobs.error_code), json_quote(jobs.error_message),
    coalesce(results.http_status, attempts.http_status, 'null')) END`;
const USAGE = `
  CASE WHEN results.job IS NULL THEN 'null' ELSE printf(
    '{"input_tokens":%d,"cached_input_tokens":%d,"output_tokens":%d,"reasoning_tokens":%d}',
    results.input_tokens, results.cached_input_tokens, results.output_tokens, results.reasoning_tokens) END`;
const LINE = `
  printf('{"id":%s,"status":"%s","output":%s,"error":%s,"model":%s,"provider":%s,"finish_reason":%s,"usage":%s,'
      || '"cost_usd":%s,"attempts":%d,"latency_ms":%s,"input":%s}' || char(10),
    ${KEY}, CASE jobs.state WHEN 'running' THEN 'pending' ELSE jobs.state END, coalesce(results.output, 'null'), ${ERROR},
    json_quote(results.model), json_quote(coalesce(results.provider, attempts.provider)),
    json_quote(results.finish_reason), ${USAGE}, ${COST}, jobs.attempt,
    coalesce(results.latency_ms, attempts.latency_ms, 'null'), inputs.row)`;
/** The `TableValues` of a row. An answer that is no text is put in as its JSON text, in a string. */
const TABLE_ROW = `
  printf('[%s,%d,"%s",%s,%s,%s,%s,%s,%s,%s,%s,%s,%d]', ${KEY}, inputs.source, jobs.state, inputs.row,
    CASE WHEN @texts THEN json_quote(inputs.row) ELSE 'null' END,
    CASE WHEN results.output LIKE '"%' THEN results.output ELSE json_quote(coalesce(results.output, '')) END,
    json_quote(jobs.error_code), json_quote(jobs.error_message), json_quote(results.model),
    coalesce(results.input_tokens, 'null'), coalesce(results.output_tokens, 'null'), ${COST}, jobs.attempt)`;
/** Of jobs that have the key of their input, and answers of their own. A failed job's reply is that of its last attempt. */
const SOURCES = `
  FROM jobs CROSS JOIN inputs ON inputs.id = jobs.id
  LEFT JOIN results ON results.job = jobs.id
  LEFT JOIN attempts ON attempts.id = CASE WHEN jobs.state = 'failed' THEN (
    SELECT max(last.id) FROM attempts AS last WHERE last.job = jobs.id AND last.attempt = jobs.attempt
  ) END
  WHERE jobs.id BETWEEN @first AND @last AND instr(@states, jobs.state) > 0
  ORDER BY jobs.id`;
const COUNTS = JOB_STATES.map((state) => `count(*) FILTER (WHERE state = '${state}')`).join(", ");

/** All lines together, and how many there are of each state, in the order of `JOB_STATES`. */
export const LINES = `
  SELECT coalesce(group_concat(line, ''), ''), ${COUNTS}
  FROM (SELECT ${LINE} AS line, jobs.state ${SOURCES})`;
/** A JSON array of the rows. */
export const TABLE = `
  SELECT '[' || coalesce(group_concat(row, ','), '') || ']' FROM (SELECT ${TABLE_ROW} AS row ${SOURCES})`;
