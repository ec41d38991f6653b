import { jobSql, runOf } from "../keys.ts";
import type { Database } from "./driver.ts";
import type { Tallies } from "./tallies.ts";

/** The newest answer counts; one that was itself taken over still names the job whose call was made. */
const COPY = `
  INSERT INTO results (job, attempt, http_status, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens,
    reasoning_tokens, cost_usd, sent_at, latency_ms, wait_ms, finished_at, request_id, model, finish_reason, service_tier,
    provider, answered_by, output, response)
  SELECT @job, 0, results.http_status, 0, 0, 0, 0,
    0, 0, results.sent_at, 0, 0, results.finished_at, results.request_id, results.model, results.finish_reason,
    results.service_tier, results.provider,
    coalesce(results.answered_by,
      json_array(runs.id, coalesce(inputs.key, 'row-' || (inputs.id & 4294967295)), @sample)),
    results.output, results.response
  FROM inputs CROSS JOIN runs ON runs.number = inputs.run
    CROSS JOIN results ON results.job = ${jobSql("inputs.id", "runs.samples", "@sample")}
  WHERE inputs.request_hash = (SELECT request_hash FROM inputs WHERE id = @input)
    AND runs.state <> 'importing' AND runs.samples >= @sample
  ORDER BY inputs.id DESC LIMIT 1`;
const SUCCEED = "UPDATE jobs SET state = 'succeeded' WHERE id = ?";

interface Wanted {
  input: number;
  job: number;
  sample: number;
}

/** Answers that earlier runs got to identical requests. */
export class Reuse {
  readonly #tallies: Tallies;
  readonly #copy;
  readonly #succeed;

  constructor(db: Database, tallies: Tallies) {
    this.#tallies = tallies;
    this.#copy = db.prepare<[Wanted]>(COPY);
    this.#succeed = db.prepare<[number]>(SUCCEED);
  }

  /** Gives a fresh job the answer of an earlier run, where there is one; part of a write. Nothing is paid for it. */
  answer(wanted: Wanted): void {
    if (this.#copy.run(wanted).changes === 0) return;
    const run = runOf(wanted.job);
    this.#succeed.run(wanted.job);
    this.#tallies.add(run, "jobs.pending", -1);
    this.#tallies.add(run, "jobs.succeeded", 1);
    this.#tallies.add(run, "shared.reuse", 1);
  }
}
