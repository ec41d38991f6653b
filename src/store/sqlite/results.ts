import type { AttemptRow, JobDetail, PageQuery, ResultRow } from "../../ports/results.ts";
import { takeFitting } from "../fitting.ts";
import { keyRange } from "../keys.ts";
import { charactersOf, type RowValues, toResultRow } from "../result-values.ts";
import type { Database } from "./driver.ts";
import { RESULT_COLUMNS, RESULT_SOURCES } from "./result-row.ts";

const PAGE = `
  SELECT ${RESULT_COLUMNS} ${RESULT_SOURCES}
  WHERE jobs.id > @after AND jobs.id <= @last AND instr(@states, jobs.state) > 0
  ORDER BY jobs.id LIMIT @limit`;
const JOB = `SELECT ${RESULT_COLUMNS}, jobs.failures, jobs.available_at ${RESULT_SOURCES} WHERE jobs.id = @id`;
const HISTORY = `
  SELECT attempt, kind, code, message, http_status AS httpStatus, request_id AS requestId, sent_at AS sentAt,
    latency_ms AS latencyMs, retry_after_ms AS retryAfterMs, provider, response AS raw
  FROM attempts WHERE job = @id
  UNION ALL
  SELECT attempt, 'succeeded', '', '', http_status, request_id, sent_at, latency_ms, NULL, provider, response
  FROM results WHERE job = @id AND answered_by IS NULL
  ORDER BY attempt`;

interface PageParameters {
  after: number;
  last: number;
  limit: number;
  states: string;
  raw: number;
}

type DetailValues = [...RowValues, failures: number, availableAt: number];

/** Reads jobs with their results, in input order. */
export class Results {
  readonly #page;
  readonly #job;
  readonly #history;

  constructor(db: Database) {
    this.#page = db.prepare<[PageParameters], RowValues>(PAGE).raw();
    this.#job = db.prepare<[{ id: number; raw: number }], DetailValues>(JOB).raw();
    this.#history = db.prepare<[{ id: number }], AttemptRow>(HISTORY);
  }

  page(run: number, { after, states, raw, ...portion }: PageQuery): ResultRow[] {
    const { first, last } = keyRange(run);
    const from = Math.max(after, first - 1);
    const { limit } = portion;
    const rows = this.#page.iterate({ after: from, last, limit, states: states.join(), raw: Number(raw) });
    return takeFitting(resultRows(rows), portion, charactersOf);
  }

  /** A job with its attempts; of a job that took over an answer there are none. */
  job(id: number): JobDetail | null {
    const values = this.#job.get({ id, raw: 1 });
    if (values === undefined) return null;
    const [failures, availableAt] = values.slice(-2) as [number, number];
    return { ...toResultRow(values), failures, availableAt, history: this.#history.all({ id }) };
  }
}

/** Made as they are read, so that what is beyond a page is left alone. */
function* resultRows(rows: Iterable<RowValues>): Generator<ResultRow> {
  for (const values of rows) yield toResultRow(values);
}
