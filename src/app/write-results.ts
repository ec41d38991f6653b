import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { LlmBatchError } from "../domain/errors.ts";
import { JOB_STATES } from "../domain/job.ts";
import type { Run } from "../domain/run.ts";
import { type ExportCounts, type ExportRequest, exportRun } from "../output/export.ts";
import type { Store } from "../ports/store.ts";

type Everything = "states" | "partial" | "includeRaw" | "escapeFormulas";

/**
 * Exports a run. A file that is there is replaced with `force`, or when it is the one that this run's `-o` wrote.
 * @throws LlmBatchError as `exportRun`
 */
export function writeResults(request: ExportRequest): Promise<ExportCounts> {
  return exportRun({ ...request, force: request.force || isOwnFile(request.run, request.path) });
}

/** What `-o` of a run asks for: every row, once the run is finished. */
export async function writeRunOutput(
  store: Store,
  request: Omit<ExportRequest, Everything | "store">,
): Promise<void> {
  const everything = { states: JOB_STATES, partial: false, includeRaw: false, escapeFormulas: false };
  await writeResults({ ...request, ...everything, store });
  await store.noteWritten(request.run.id, resolve(request.path));
}

/**
 * Says before anything is sent what would keep the results from being written after it.
 * @throws LlmBatchError OUTPUT_EXISTS
 */
export function refuseToReplace(path: string | null, force: boolean, run: Run | null): void {
  if (path === null || path === "-" || force || !existsSync(path) || (run && isOwnFile(run, path))) return;
  throw new LlmBatchError({
    code: "OUTPUT_EXISTS",
    message: `${path}: is there already, and wasn't written by this run`,
    hint: "name another file with -o, or replace it with --force",
  });
}

function isOwnFile(run: Run, path: string): boolean {
  return run.written === resolve(path);
}
