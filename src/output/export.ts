import type { ResultRow } from "../ports/store.ts";
import { checkExport } from "./check-export.ts";
import type { ExportRequest } from "./export-request.ts";
import { followPages } from "./follow.ts";
import type { Part } from "./format.ts";
import { chooseFormat, FORMATS, type OutputFormat } from "./formats.ts";
import { readPages } from "./pages.ts";
import { type ResultStatus, statusOf } from "./status.ts";
import { writeOutput } from "./write-output.ts";

export interface ExportCounts {
  /** Rows written. */
  rows: number;
  byStatus: Record<ResultStatus, number>;
}

/**
 * Writes a run's results in input order. Memory doesn't grow with the run.
 * @throws LlmBatchError RUN_UNFINISHED (exit code 75), OUTPUT_EXISTS, OUTPUT_UNWRITABLE, DISK_FULL, UNKNOWN_FORMAT,
 * RAW_NEEDS_JSONL, FOLLOW_NEEDS_STREAM, BINARY_TO_TERMINAL.
 */
export async function exportRun(request: ExportRequest): Promise<ExportCounts> {
  const { path, run, stdout, force } = request;
  const format = request.format ?? chooseFormat(path, run.sources);
  await checkExport(request, format);
  const counts: ExportCounts = { rows: 0, byStatus: { succeeded: 0, failed: 0, cancelled: 0, pending: 0 } };
  const parts = formatPages(request, format, (rows) => count(rows, counts));
  await writeOutput({ path, stdout, force }, parts);
  return counts;
}

async function* formatPages(
  { store, run, states, includeRaw, escapeFormulas, follow }: ExportRequest,
  format: OutputFormat,
  onRows: (rows: readonly ResultRow[]) => void,
): AsyncGenerator<Part> {
  const { create, needsResponses } = FORMATS[format];
  const pages = () => readPages(store, run.id, { states, raw: false });
  const writer = await create({ run, pages, includeRaw, escapeFormulas });
  const query = { states, raw: includeRaw || needsResponses };
  yield writer.begin();
  for await (const rows of follow
    ? followPages(store, run.id, query, follow)
    : readPages(store, run.id, query)) {
    yield writer.rows(rows);
    onRows(rows);
  }
  yield writer.end();
}

function count(rows: readonly ResultRow[], counts: ExportCounts): void {
  counts.rows += rows.length;
  for (const { state } of rows) counts.byStatus[statusOf(state)]++;
}
