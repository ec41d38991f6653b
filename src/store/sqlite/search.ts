import type { Found, ResultRow, SearchQuery } from "../../ports/results.ts";
import { takeFitting } from "../fitting.ts";
import { keyRange } from "../keys.ts";
import { charactersOf, type RowValues, toResultRow } from "../result-values.ts";
import type { Database } from "./driver.ts";
import { RESULT_COLUMNS, RESULT_SOURCES } from "./result-row.ts";

const SEARCH = `
  SELECT ${RESULT_COLUMNS} ${RESULT_SOURCES}
  WHERE jobs.id > @after AND jobs.id <= @until AND instr(@states, jobs.state) > 0
    AND (@code IS NULL OR jobs.error_code = @code)
    AND (@text IS NULL OR instr(lower(coalesce(inputs.key, 'row-' || (inputs.id & 4294967295))), lower(@text)) > 0
      OR instr(lower(inputs.row), lower(@json)) > 0 OR instr(lower(results.output), lower(@json)) > 0)
  ORDER BY jobs.id LIMIT @limit`;
const LAST = "SELECT coalesce(max(id), @first - 1) FROM jobs WHERE id BETWEEN @first AND @last";

interface SearchParameters {
  after: number;
  until: number;
  limit: number;
  states: string;
  code: string | null;
  text: string | null;
  json: string | null;
  raw: number;
}

/** Looks for jobs in input order, a stretch at a time, so that no read is long. */
export class Search {
  readonly #search;
  readonly #last;

  constructor(db: Database) {
    this.#search = db.prepare<[SearchParameters], RowValues>(SEARCH).raw();
    this.#last = db.prepare<[{ first: number; last: number }], number>(LAST).pluck();
  }

  find(run: number, { after, span, limit, maxCharacters, states, code, text }: SearchQuery): Found {
    const range = keyRange(run);
    const from = Math.max(after, range.first - 1);
    const end = this.#last.get(range)!;
    const until = Math.min(from + span, end);
    // Rows and answers are kept as JSON text.
    const json = text === null ? null : JSON.stringify(text).slice(1, -1);
    const jobs = this.#search.iterate({
      after: from,
      until,
      limit,
      states: states.join(),
      code,
      text,
      json,
      raw: 0,
    });
    let isThrough = false;
    function* toTheEnd(): Generator<ResultRow> {
      for (const values of jobs) yield toResultRow(values);
      isThrough = true;
    }
    const rows = takeFitting(toTheEnd(), { limit, maxCharacters }, charactersOf);
    if (!isThrough) return { rows, next: rows.at(-1)!.id };
    return { rows, next: until < end ? until : null };
  }
}
