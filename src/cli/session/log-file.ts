import { accessSync, closeSync, constants, createWriteStream, openSync, type Stats } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Writable } from "node:stream";
import { LlmBatchError } from "../../domain/errors.ts";
import { shellWord } from "../../domain/shell-word.ts";
import { look, lookAtOutput } from "../../output/file/look.ts";
import { outputError } from "../../output/file/output-error.ts";
import type { Invocation } from "../context.ts";

/** It holds ids and names of the user's rows: for the owner alone. */
const MODE = 0o600;

/**
 * The file of `--log-file`; null without the flag. Looks, before anything changes, whether lines can be added to it.
 * @throws LlmBatchError BAD_OPTION, OUTPUT_UNWRITABLE
 */
export function checkLogFile({ flags, globals }: Invocation, inputs: readonly string[]): string | null {
  if (flags.logFile === undefined) return null;
  const path = String(flags.logFile);
  if (path === "-") throw badLog(path, "expected a file", "events go to stdout with --json");
  const there = lookAtOutput(path);
  const taken = [globals.db, `${globals.db}-wal`, ...inputs].find((other) => isSame(there, path, other));
  if (taken) throw badLog(path, `it is a file of the run, ${taken}`, "name another file");
  if (there?.isDirectory()) throw badLog(path, "it is a folder", "name a file");
  try {
    accessSync(there ? path : `${dirname(resolve(path))}/.`, constants.W_OK);
  } catch (error) {
    throw outputError(path, error);
  }
  return path;
}

/** @throws LlmBatchError OUTPUT_UNWRITABLE */
export function openLogFile(path: string): Writable {
  try {
    const fd = look(path)?.isFIFO() ? openPipe(path) : openSync(path, "a", MODE);
    return createWriteStream(path, { fd });
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "ENXIO" ? unreadPipe(path) : outputError(path, error);
  }
}

/** Opens a pipe that has a reader. To wait for one would stop the whole process, and Ctrl-C with it. */
function openPipe(path: string): number {
  const probe = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  try {
    return openSync(path, "a");
  } finally {
    closeSync(probe);
  }
}

function unreadPipe(path: string): LlmBatchError {
  return new LlmBatchError({
    code: "OUTPUT_UNWRITABLE",
    message: `${path}: can't be written: it is a pipe that nobody reads`,
    hint: `start its reader first, e.g. cat ${shellWord(path)}; the same command goes on from here`,
  });
}

function isSame(there: Stats | undefined, path: string, other: string): boolean {
  if (resolve(path) === resolve(other)) return true;
  const file = look(other);
  return there !== undefined && file?.ino === there.ino && file.dev === there.dev;
}

function badLog(path: string, what: string, hint: string): LlmBatchError {
  return new LlmBatchError({
    code: "BAD_OPTION",
    message: `--log-file: ${what}, got ${JSON.stringify(path)}`,
    hint,
  });
}
