import { checkExport } from "./check-export.ts";
import type { ExportRequest } from "./export-request.ts";
import { writeOutput } from "./file/write-output.ts";
import type { Part } from "./formats/format.ts";
import { chooseFormat } from "./formats/formats.ts";
import { type ResultStatus, statusOf } from "./formats/status.ts";
import { type Piece, readPieces } from "./pieces.ts";

export interface ExportCounts {
  /** Rows written. */
  rows: number;
  /** Whether all were: a reader may go away, as `| head` does. */
  isWhole: boolean;
  byStatus: Record<ResultStatus, number>;
}

/**
 * Writes a run's results in input order. Memory doesn't grow with the run.
 * @throws LlmBatchError RUN_UNFINISHED (exit code 75), OUTPUT_EXISTS, OUTPUT_UNWRITABLE, DISK_FULL, UNKNOWN_FORMAT,
 * RAW_NEEDS_JSONL, BAD_OPTION, FOLLOW_NEEDS_STREAM, BINARY_TO_TERMINAL.
 */
export async function exportRun(request: ExportRequest): Promise<ExportCounts> {
  const { path, run, stdout, force } = request;
  const format = request.format ?? chooseFormat(path, run.sources);
  await checkExport(request, format);
  const byStatus = { succeeded: 0, failed: 0, cancelled: 0, pending: 0 };
  const counts: ExportCounts = { rows: 0, isWhole: false, byStatus };
  await writeOutput({ path, stdout, force }, tallied(readPieces(request, format), counts));
  return counts;
}

async function* tallied(pieces: AsyncIterable<Piece>, counts: ExportCounts): AsyncGenerator<Part> {
  for await (const { part, byState } of pieces) {
    yield part;
    for (const [state, count] of byState) {
      counts.rows += count;
      counts.byStatus[statusOf(state)] += count;
    }
  }
  counts.isWhole = true;
}
