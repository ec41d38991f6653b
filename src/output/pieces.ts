import { JOB_STATES, type JobState } from "../domain/job.ts";
import type { ResultTexts, TableRow } from "../ports/result-texts.ts";
import type { ResultRow } from "../ports/results.ts";
import type { ExportRequest } from "./export-request.ts";
import { followPages } from "./follow.ts";
import type { Part } from "./formats/format.ts";
import { FORMATS, type OutputFormat } from "./formats/formats.ts";
import { toTableRow } from "./formats/table-row.ts";
import { readPages } from "./pages.ts";
import { readLines, readTable } from "./text-pages.ts";

/** A part of a file, and how many rows of each state it holds. */
export interface Piece {
  part: Part;
  byState: Iterable<readonly [JobState, number]>;
}

/** What a file is made of, from its start to its end: put together by the database itself where it can, else row by row. */
export function readPieces(request: ExportRequest, format: OutputFormat): AsyncIterable<Piece> {
  const texts = textsFor(request);
  const isPlain = format === "jsonl" && !request.includeRaw;
  return texts !== null && isPlain ? linePieces(request, texts) : formatPieces(request, texts, format);
}

/** Null where the database can't, and for rows that it can't put together alone. */
function textsFor({ store, run, follow }: ExportRequest): ResultTexts | null {
  const { dedupe, reuse } = run.options;
  const isShared = dedupe === "true" || reuse === "true";
  return run.request.samples > 1 || isShared || follow !== null ? null : (store.texts ?? null);
}

async function* linePieces({ run, states }: ExportRequest, texts: ResultTexts): AsyncGenerator<Piece> {
  for await (const { text, byState } of readLines(texts, run.id, states))
    yield { part: text, byState: JOB_STATES.map((state) => [state, byState[state]] as const) };
}

async function* formatPieces(
  request: ExportRequest,
  texts: ResultTexts | null,
  format: OutputFormat,
): AsyncGenerator<Piece> {
  const { run, states, includeRaw, escapeFormulas, answerColumns, columnPrefix } = request;
  const { create, needsResponses } = FORMATS[format];
  const tables = () => (texts === null ? tablesOf(request) : readTable(texts, run.id, states));
  const isWhole = JOB_STATES.every((state) => states.includes(state));
  const writer = await create({
    run,
    pages: tables,
    isWhole,
    includeRaw,
    escapeFormulas,
    answerColumns,
    columnPrefix,
  });
  yield { part: writer.begin(), byState: [] };
  if (texts !== null && writer.table !== undefined) {
    for await (const rows of tables()) yield { part: writer.table(rows), byState: rows.map(stateOf) };
  } else {
    for await (const rows of pagesOf(request, includeRaw || needsResponses))
      yield { part: writer.rows(rows), byState: rows.map(stateOf) };
  }
  yield { part: writer.end(), byState: [] };
}

function pagesOf({ store, run, states, follow }: ExportRequest, raw: boolean): AsyncIterable<ResultRow[]> {
  const query = { states, raw };
  return follow ? followPages(store, run.id, query, follow) : readPages(store, run.id, query);
}

async function* tablesOf({ store, run, states }: ExportRequest): AsyncGenerator<TableRow[]> {
  for await (const rows of readPages(store, run.id, { states, raw: false })) yield rows.map(toTableRow);
}

function stateOf({ state }: { state: JobState }): [JobState, number] {
  return [state, 1];
}
