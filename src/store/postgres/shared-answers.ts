import type { JobState } from "../../domain/job.ts";
import type { InputBatch } from "../input-batch.ts";
import { jobSql, keyOf } from "../keys.ts";
import type { TallySum } from "../tally-sum.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";

interface Stretch {
  first: number;
  last: number;
  firstOfRun: number;
  samples: number;
}

/** The rows of a stretch, each with the first row of the run that has the same hash; perhaps itself. */
const HASHED = `
  hashed AS MATERIALIZED (
    SELECT id AS input, request_hash, (SELECT min(same.id) FROM {inputs} AS same
      WHERE same.request_hash = inputs.request_hash AND same.id BETWEEN @firstOfRun AND inputs.id) AS leader
    FROM {inputs} WHERE id BETWEEN @first AND @last AND request_hash IS NOT NULL)`;
/** The newest answer counts; one that was itself taken over still names the job whose call was made. */
const TAKE_OVER = statement<Stretch & { leadersOnly: boolean }>(`
  WITH ${HASHED},
  wanted AS (
    SELECT request_hash, sample, ${jobSql("input", "@samples::bigint", "sample")} AS job
    FROM hashed CROSS JOIN generate_series(1, @samples::integer) AS sample
    WHERE leader = input OR NOT @leadersOnly::boolean),
  copied AS (
    INSERT INTO {results} (job, attempt, http_status, input_tokens, cached_input_tokens, cache_write_tokens,
      output_tokens, reasoning_tokens, cost_usd, sent_at, latency_ms, wait_ms, finished_at, request_id, model,
      finish_reason, service_tier, provider, answered_by, output_characters,
      response_characters, output, response)
    SELECT DISTINCT ON (wanted.job) wanted.job, 0, results.http_status, 0, 0, 0, 0, 0, 0, results.sent_at, 0, 0,
      results.finished_at, results.request_id, results.model, results.finish_reason, results.service_tier,
      results.provider, coalesce(results.answered_by,
        json_build_array(runs.id, coalesce(inputs.key, 'row-' || (inputs.id & 4294967295)), wanted.sample)::text),
      results.output_characters, results.response_characters, results.output, results.response
    FROM wanted JOIN {inputs} ON inputs.request_hash = wanted.request_hash
      JOIN {runs} ON runs.number = inputs.run AND runs.state <> 'importing' AND runs.samples >= wanted.sample
      JOIN {results} ON results.job = ${jobSql("inputs.id", "runs.samples", "wanted.sample")}
    ORDER BY wanted.job, inputs.id DESC
    RETURNING job)
  UPDATE {jobs} SET state = 'succeeded' FROM copied WHERE jobs.id = copied.job`);
const LINK = statement<Stretch, { state: JobState }>(`
  WITH ${HASHED}
  UPDATE {jobs} SET lane = NULL, twin = lead.id, state = lead.state
  FROM hashed JOIN {jobs} AS lead ON lead.input = hashed.leader
    AND lead.id BETWEEN ${jobSql("hashed.leader", "@samples::bigint", "1")}
      AND ${jobSql("hashed.leader", "@samples::bigint", "@samples::bigint")}
  WHERE hashed.leader < hashed.input AND jobs.input = hashed.input AND jobs.sample = lead.sample
    AND jobs.id BETWEEN ${jobSql("hashed.input", "@samples::bigint", "1")}
      AND ${jobSql("hashed.input", "@samples::bigint", "@samples::bigint")}
  RETURNING jobs.state`);

interface NewRows extends Pick<InputBatch, "run" | "samples" | "sharing"> {
  /** Keys of the first and the last one. */
  first: number;
  last: number;
}

/** Gives rows that were just read in the answers they can take over; part of the write that inserts them and their jobs. */
export async function shareAnswers(
  session: Session,
  { run, samples, sharing, first, last }: NewRows,
  tallies: TallySum,
): Promise<void> {
  const { dedupe, reuse } = sharing;
  if (!dedupe && !reuse) return;
  const stretch = { first, last, firstOfRun: keyOf(run, 1), samples };
  if (reuse) {
    const taken = await session.run(TAKE_OVER, { ...stretch, leadersOnly: dedupe });
    tallies.add(run, "jobs.pending", -taken);
    tallies.add(run, "jobs.succeeded", taken);
    tallies.add(run, "shared.reuse", taken);
  }
  if (!dedupe) return;
  for (const { state } of await session.all(LINK, stretch)) {
    tallies.add(run, "jobs.pending", -1);
    tallies.add(run, `jobs.${state}`, 1);
    tallies.add(run, "shared.dedupe", 1);
  }
}
