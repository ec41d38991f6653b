import { accessSync, constants, realpathSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { RunOptions } from "../config/run-options.ts";
import { LlmBatchError } from "../domain/errors.ts";
import { fileTrouble } from "../domain/file-error.ts";
import { JOB_STATES } from "../domain/job.ts";
import type { Run } from "../domain/run.ts";
import { shellWord } from "../domain/shell-word.ts";
import { type ExportCounts, exportRun } from "../output/export.ts";
import type { ExportRequest } from "../output/export-request.ts";
import { lookAtOutput } from "../output/file/look.ts";
import { isOpenAlready } from "../output/file/write-file.ts";
import { chooseFormat, FORMATS } from "../output/formats/formats.ts";
import type { Store } from "../ports/store.ts";

const EVERYTHING = {
  states: JOB_STATES,
  partial: false,
  includeRaw: false,
  escapeFormulas: false,
  answerColumns: false,
  columnPrefix: null,
  follow: null,
} as const satisfies Partial<ExportRequest>;

/**
 * Exports a run. A file that is there is replaced with `force`, or when it is the one that this run's `-o` wrote.
 * @throws LlmBatchError as `exportRun`
 */
export function writeResults(request: ExportRequest): Promise<ExportCounts> {
  return exportRun({ ...request, force: request.force || isOwnFile(request.run, request.path) });
}

/**
 * What `-o` of a run asks for: every row, once the run is finished. It is noted as the run's own before it is there:
 * the process may die, or another one of the same run may come, right after the file took its name.
 * @throws LlmBatchError as `exportRun`
 */
export async function writeRunOutput(
  store: Store,
  request: Omit<ExportRequest, keyof typeof EVERYTHING | "store">,
): Promise<void> {
  const { run, path, force, format: outputFormat } = request;
  checkOutput(path, { outputFormat, force }, run);
  await store.noteWritten(run.id, resolve(path));
  await writeResults({ ...request, ...EVERYTHING, store, force: true });
}

/** Loads what writes the results while it is there: an upgrade may replace the program's files before the run is over. */
export async function loadWriter(
  { output, sources }: Run,
  { outputFormat }: Pick<RunOptions, "outputFormat">,
): Promise<void> {
  if (output !== null) await FORMATS[outputFormat ?? chooseFormat(output, sources)].load?.();
}

/**
 * Says before anything is sent what would keep the results from being written after it.
 * @param run the run that may replace what it wrote itself; null for a new one
 * @throws LlmBatchError OUTPUT_EXISTS, OUTPUT_UNWRITABLE, UNKNOWN_FORMAT
 */
export function checkOutput(
  path: string | null,
  { outputFormat, force }: Pick<RunOptions, "outputFormat" | "force">,
  run: Run | null,
): void {
  if (path === null || path === "-") return;
  if (outputFormat === null) chooseFormat(path, []);
  const there = lookAtOutput(path);
  if (there?.isDirectory()) throw unwritable(path, "it is a folder");
  if (there && (!there.isFile() || isOpenAlready(path))) return;
  const folder = dirname(resolve(path));
  try {
    accessSync(`${folder}/.`, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw badFolder(path, dirname(path), error);
  }
  if (!there || force || (run && isOwnFile(run, path))) return;
  throw new LlmBatchError({
    code: "OUTPUT_EXISTS",
    message: `${path}: is there already, and wasn't written by this run`,
    hint: "name another file with -o, or replace it with --force",
  });
}

/**
 * Not even --force replaces what a run reads.
 * @throws LlmBatchError OUTPUT_IS_INPUT
 */
export function refuseInputAsOutput(output: string | null, inputs: readonly string[]): void {
  if (output === null || output === "-" || !inputs.some((input) => realPath(input) === realPath(output)))
    return;
  throw new LlmBatchError({
    code: "OUTPUT_IS_INPUT",
    message: `${output}: is an input of this run, and would be lost`,
    hint: "name another file with -o",
  });
}

/** What symbolic links lead to: it is that file which is replaced. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

function badFolder(path: string, folder: string, error: unknown): LlmBatchError {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT")
    return unwritable(path, `the folder ${folder}: ${fileTrouble(error)}`);
  if (folder === ".") return unwritable(path, "the working folder is no longer there");
  return unwritable(path, `the folder ${folder} doesn't exist`, `mkdir -p ${shellWord(folder)}`);
}

function unwritable(path: string, why: string, remedy: string | null = null): LlmBatchError {
  const otherwise = "name another file with -o";
  return new LlmBatchError({
    code: "OUTPUT_UNWRITABLE",
    message: `${path}: can't be written: ${why}`,
    hint: remedy === null ? otherwise : `${remedy}, or ${otherwise}`,
  });
}

function isOwnFile(run: Run, path: string): boolean {
  return run.written === resolve(path);
}
