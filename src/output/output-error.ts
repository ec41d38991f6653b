import { dirname } from "node:path";
import { LlmBatchError } from "../domain/errors.ts";
import { fileTrouble } from "../domain/file-error.ts";

/** What the system says when a file can't be written, as an error for the user. Other errors stay as they are. */
export function outputError(path: string, error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall === undefined) return error;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new LlmBatchError({
      code: "DISK_FULL",
      message: `${path}: no space left on the disk; the results are not written whole, and safe in the database`,
      hint: "free some space and export again, or export to another disk",
      cause: error,
    });
  }
  const isFolderMissing = code === "ENOENT";
  const folder = dirname(path);
  return new LlmBatchError({
    code: "OUTPUT_UNWRITABLE",
    message: `${path}: can't be written: ${isFolderMissing ? `the folder ${folder} doesn't exist` : fileTrouble(error)}`,
    hint: isFolderMissing
      ? `mkdir -p ${folder}, or name another file`
      : "check that the folder may be written to, or name another file",
    cause: error,
  });
}
