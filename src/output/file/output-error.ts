import { dirname } from "node:path";
import { LlmBatchError } from "../../domain/errors.ts";
import { fileTrouble } from "../../domain/file-error.ts";
import { shellWord } from "../../domain/shell-word.ts";

/** What the system says when a file can't be written, as an error for the user. Other errors stay as they are. */
export function outputError(path: string, error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall === undefined) return error;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new LlmBatchError({
      code: "DISK_FULL",
      message: `${path}: no space left on the disk; it is not written whole, and the results are safe in the database`,
      hint: "free some space, then the same command again, or name a file on another disk",
      cause: error,
    });
  }
  const folder = dirname(path);
  const isWorkingFolder = code === "ENOENT" && folder === ".";
  const isFolderMissing = code === "ENOENT" && !isWorkingFolder;
  const whyNot = (): string => {
    if (isWorkingFolder) return "the working folder is no longer there";
    return isFolderMissing ? `the folder ${folder} doesn't exist` : fileTrouble(error);
  };
  return new LlmBatchError({
    code: "OUTPUT_UNWRITABLE",
    message: `${path}: can't be written: ${whyNot()}`,
    hint: isFolderMissing
      ? `mkdir -p ${shellWord(folder)}, or name another file`
      : "check that the folder may be written to, or name another file",
    cause: error,
  });
}
