/** The run, row and sample that a twin follows; the CASE keeps every other job from looking for one. */
const LEADER = `
  CASE WHEN jobs.twin IS NOT NULL AND jobs.state IN ('succeeded', 'failed') THEN (
    SELECT json_array(runs.id, coalesce(inputs.key, 'row-' || (inputs.id & 4294967295)), lead.sample)
    FROM jobs AS lead CROSS JOIN inputs ON inputs.id = lead.input CROSS JOIN runs ON runs.number = inputs.run
    WHERE lead.id = jobs.twin
  ) END`;
/** What a result row is made of, from jobs with their `inputs`, `results` and the last of their `attempts`. */
export const RESULT_COLUMNS = `
  jobs.id, coalesce(inputs.key, 'row-' || (inputs.id & 4294967295)), jobs.sample, inputs.source, jobs.state,
    inputs.row, results.output, jobs.error_code, jobs.error_message,
    coalesce(results.http_status, attempts.http_status), results.model, results.finish_reason,
    results.input_tokens, results.cached_input_tokens, results.output_tokens, results.reasoning_tokens,
    results.service_tier, coalesce(results.provider, attempts.provider), results.cost_usd, jobs.attempt,
    coalesce(results.latency_ms, attempts.latency_ms), coalesce(results.request_id, attempts.request_id),
    CASE WHEN @raw THEN coalesce(results.response, attempts.response) END,
    coalesce(results.answered_by, ${LEADER})`;
/** Where they come from. A failed job's reply is that of its last attempt, a twin's that of its leader. */
export const RESULT_SOURCES = `
  FROM jobs CROSS JOIN inputs ON inputs.id = jobs.input
  LEFT JOIN results ON results.job = coalesce(jobs.twin, jobs.id)
  LEFT JOIN attempts ON attempts.id = CASE WHEN jobs.state = 'failed' THEN (
    SELECT max(last.id) FROM jobs AS sent CROSS JOIN attempts AS last ON last.job = sent.id AND last.attempt = sent.attempt
    WHERE sent.id = coalesce(jobs.twin, jobs.id)
  ) END`;
