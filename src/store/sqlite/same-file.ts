import { statSync } from "node:fs";
import { ExitCode, LlmBatchError } from "../../domain/errors.ts";

/**
 * Makes a check that `path` still leads to the file it leads to now. SQLite goes on writing to a file that was
 * deleted, and all of it would be gone when the process ends. Only looks: opening the file would drop its locks.
 * @returns throws LlmBatchError DB_GONE when the file was deleted or replaced
 */
export function sameFile(path: string): () => void {
  const opened = statSync(path, { throwIfNoEntry: false });
  return () => {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.ino === opened?.ino && found?.dev === opened?.dev) return;
    throw new LlmBatchError({
      code: "DB_GONE",
      message: `${path}: the database was ${found ? "replaced" : "deleted or moved"} while it was in use`,
      hint: "put it back with its -wal file if you have it, then run `llm-batch resume`; else start the run again",
      exitCode: ExitCode.stopped,
    });
  };
}
