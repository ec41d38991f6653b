import type { Writable } from "node:stream";
import { ExitCode, LlmBatchError } from "../domain/errors.ts";
import type { JobState } from "../domain/job.ts";
import type { Run } from "../domain/run.ts";
import type { ResultRow, Store } from "../ports/store.ts";
import { CsvFormat } from "./csv.ts";
import { type OutputFormat, outputFormatOf } from "./format.ts";
import { findInputColumns } from "./input-columns.ts";
import { jsonLine } from "./jsonl.ts";
import { readPages } from "./pages.ts";
import { type ResultStatus, statusOf } from "./status.ts";
import { writeFile } from "./write-file.ts";
import { writeStream } from "./write-stream.ts";

export interface ExportRequest {
  store: Pick<Store, "page">;
  run: Run;
  /** `-` for standard output. */
  path: string;
  stdout: Writable;
  /** Null goes by the ending. */
  format: OutputFormat | null;
  /** Which jobs; `JOB_STATES` for all. */
  states: readonly JobState[];
  /** Allows an unfinished run. */
  partial: boolean;
  /** Replaces a file that is there. */
  force: boolean;
  /** Adds the provider's whole response; JSONL only. */
  includeRaw: boolean;
  /** Keeps spreadsheets from reading texts as formulas; CSV only. */
  escapeFormulas: boolean;
}

export interface ExportCounts {
  /** Rows written. */
  rows: number;
  byStatus: Record<ResultStatus, number>;
}

/**
 * Writes a run's results in input order. Memory doesn't grow with the run.
 * @throws LlmBatchError RUN_UNFINISHED (exit code 75), OUTPUT_EXISTS, OUTPUT_UNWRITABLE, DISK_FULL, UNKNOWN_FORMAT,
 * RAW_NEEDS_JSONL.
 */
export async function exportRun(request: ExportRequest): Promise<ExportCounts> {
  const { path, run, stdout, force } = request;
  const format = request.format ?? outputFormatOf(path);
  if (!request.partial && run.state !== "finished" && run.state !== "cancelled")
    throw runUnfinished(run.id, path);
  if (request.includeRaw && format !== "jsonl") throw rawNeedsJsonl(format);
  const counts: ExportCounts = { rows: 0, byStatus: { succeeded: 0, failed: 0, cancelled: 0, pending: 0 } };
  const text = formatPages(request, format, (rows) => count(rows, counts));
  await (path === "-" ? writeStream(stdout, text) : writeFile(path, force, text));
  return counts;
}

async function* formatPages(
  request: ExportRequest,
  format: OutputFormat,
  onRows: (rows: readonly ResultRow[]) => void,
): AsyncGenerator<string> {
  const pages = (): AsyncIterable<ResultRow[]> =>
    readPages(request.store, request.run.id, { states: request.states, raw: request.includeRaw });
  const csv =
    format === "csv"
      ? new CsvFormat(await findInputColumns(request.run.sources, pages()), request.escapeFormulas)
      : null;
  if (csv !== null) yield csv.header();
  for await (const rows of pages()) {
    yield csv === null ? jsonLines(rows, request.includeRaw) : csv.rows(rows);
    onRows(rows);
  }
}

function jsonLines(rows: readonly ResultRow[], includeRaw: boolean): string {
  let text = "";
  for (const row of rows) text += `${jsonLine(row, includeRaw)}\n`;
  return text;
}

function count(rows: readonly ResultRow[], counts: ExportCounts): void {
  counts.rows += rows.length;
  for (const { state } of rows) counts.byStatus[statusOf(state)]++;
}

function runUnfinished(run: string, path: string): LlmBatchError {
  return new LlmBatchError({
    code: "RUN_UNFINISHED",
    message: `${run}: is not finished, so its results are not complete`,
    hint: `finish it with: llm-batch resume ${run}; or take what is there: llm-batch export ${run} --partial -o ${path}`,
    exitCode: ExitCode.stopped,
  });
}

function rawNeedsJsonl(format: OutputFormat): LlmBatchError {
  return new LlmBatchError({
    code: "RAW_NEEDS_JSONL",
    message: `--include raw: does not go with the format ${format}`,
    hint: "export to JSONL: --output-format jsonl",
  });
}
