import type { Found, SearchQuery } from "../../ports/results.ts";
import { takeFitting } from "../fitting.ts";
import { keyRange } from "../keys.ts";
import { charactersOf, type RowValues, toResultRow } from "../result-values.ts";
import { PAGE_COLUMNS, RESULT_COLUMNS, RESULT_SOURCES } from "./results.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";

/** Whatever the case of Latin letters, and of no others: as SQLite has it. */
const lower = (sql: string): string => `lower(${sql} COLLATE "C")`;
const SEARCH = statement<SearchParameters, RowValues>(`
  SELECT ${PAGE_COLUMNS} FROM (
    SELECT ${RESULT_COLUMNS} ${RESULT_SOURCES}
    WHERE jobs.id > @after AND jobs.id <= @until AND jobs.state = ANY(@states::text[])
      AND (@code::text IS NULL OR jobs.error_code = @code)
      AND (@text::text IS NULL
        OR strpos(${lower("coalesce(inputs.key, 'row-' || (inputs.id & 4294967295))")}, ${lower("@text::text")}) > 0
        OR strpos(${lower("inputs.row")}, ${lower("@json::text")}) > 0
        OR strpos(${lower("results.output")}, ${lower("@json::text")}) > 0)
    ORDER BY jobs.id LIMIT @limit) AS found
  ORDER BY id`);
const LAST = statement<{ first: number; last: number }, { last: number }>(
  "SELECT coalesce(max(id), @first::bigint - 1) AS last FROM {jobs} WHERE id BETWEEN @first AND @last",
);

interface SearchParameters {
  after: number;
  until: number;
  limit: number;
  states: readonly string[];
  code: string | null;
  text: string | null;
  json: string | null;
  raw: boolean;
}

/** Looks for jobs in input order, a stretch at a time, so that no read is long. */
export async function searchRows(
  session: Session,
  run: number,
  { after, span, limit, maxCharacters, states, code, text }: SearchQuery,
): Promise<Found> {
  const range = keyRange(run);
  const from = Math.max(after, range.first - 1);
  const end = (await session.first(LAST, range))!.last;
  const until = Math.min(from + span, end);
  // Rows and answers are kept as JSON text.
  const json = text === null ? null : JSON.stringify(text).slice(1, -1);
  const wanted = { after: from, until, limit, states, code, text, json, raw: false };
  const found = (await session.arrays(SEARCH, wanted)).map(toResultRow);
  const rows = takeFitting(found, { limit, maxCharacters }, charactersOf);
  const isThrough = rows.length === found.length && found.length < limit;
  if (!isThrough) return { rows, next: rows.at(-1)!.id };
  return { rows, next: until < end ? until : null };
}
