import {
  constants,
  createReadStream,
  createWriteStream,
  mkdtempSync,
  openSync,
  rmSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { LlmBatchError } from "../domain/errors.ts";
import { fileTrouble } from "../domain/file-error.ts";
import type { InputFormat } from "../domain/run.ts";
import { formatOf } from "../input/formats.ts";
import { hashFile, type InputFile } from "../input/import.ts";
import { inputError } from "../input/open-input.ts";
import { look } from "../output/file/look.ts";

/**
 * Gives `work` the files to read, each with its hash. An input is read twice, to know it by its hash and to import it, so
 * standard input (`-`) and pipes are put into a temporary file for as long.
 * @throws LlmBatchError INPUT_NOT_FOUND, INPUT_UNREADABLE
 */
export async function withInputFiles<T>(
  inputs: readonly string[],
  stdin: Readable,
  work: (files: readonly InputFile[]) => Promise<T>,
): Promise<T> {
  const folder = inputs.some(isStream) ? makeFolder() : null;
  const remove = (): void => {
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
  };
  // A signal ends the process amid the import.
  const leave = (): void => {
    remove();
    for (const path of inputs) if (isPipe(path)) wakeReaderOf(path);
  };
  process.once("exit", leave);
  try {
    const files: InputFile[] = [];
    for (const [index, path] of inputs.entries()) {
      const file = folder !== null && isStream(path) ? join(folder, String(index)) : path;
      if (file !== path) await spool(path, path === "-" ? stdin : createReadStream(path), file);
      files.push({ path, file, hash: await hashFile(file) });
    }
    return await work(files);
  } finally {
    process.off("exit", leave);
    remove();
  }
}

const JSON_FORMATS: readonly InputFormat[] = ["jsonl", "json"];

/**
 * Refuses a `--delimiter` that nothing would read. Where the environment or the config file gives one, it is for those runs
 * that read CSV.
 * @param flag as it was given; undefined without
 * @param format of all inputs; null goes by each path's ending
 * @throws LlmBatchError BAD_OPTION, UNKNOWN_FORMAT
 */
export function refuseIdleDelimiter(
  flag: unknown,
  inputs: readonly string[],
  format: InputFormat | null,
): void {
  if (flag === undefined || inputs.some((path) => !JSON_FORMATS.includes(format ?? formatOf(path)))) return;
  throw new LlmBatchError({
    code: "BAD_OPTION",
    message: `--delimiter: expected CSV or TSV as input, got ${JSON.stringify(flag)} for JSONL: ${inputs.join(" ")}`,
    hint: "leave it out; or if it is CSV after all, say so with --format csv",
  });
}

function isPipe(path: string): boolean {
  return look(path)?.isFIFO() ?? false;
}

/** Node ends only when what it reads has come: of a pipe that nobody writes to, a byte of our own. */
function wakeReaderOf(pipe: string): void {
  try {
    writeSync(openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK), "\n");
  } catch {
    // It isn't being read.
  }
}

function isStream(path: string): boolean {
  if (path === "-") return true;
  const there = look(path);
  return there !== undefined && !there.isFile() && !there.isDirectory();
}

async function spool(path: string, from: Readable, file: string): Promise<void> {
  try {
    await pipeline(from, createWriteStream(file, { mode: 0o600 }));
  } catch (error) {
    const { syscall, path: at } = error as NodeJS.ErrnoException;
    throw syscall === "read" || at === path ? inputError(path, error) : noRoom(path, error);
  }
}

function makeFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), "llm-batch-"));
  } catch (error) {
    throw noRoom(null, error);
  }
}

/** @param path the input that was to be put there */
function noRoom(path: string | null, cause: unknown): LlmBatchError {
  const { code } = cause as NodeJS.ErrnoException;
  const isFull = code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG";
  const why = isFull ? "no space left on the disk" : fileTrouble(cause);
  const what = path === null || path === "-" ? "standard input or a pipe" : path;
  return new LlmBatchError({
    code: isFull ? "DISK_FULL" : "OUTPUT_UNWRITABLE",
    message: `${tmpdir()}: can't take a copy of ${what}, which is read twice: ${why}`,
    hint: "name a folder with room for it (export TMPDIR=DIR), or write the input to a file and give that",
    cause,
  });
}
