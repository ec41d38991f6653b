import { type Stats, statSync } from "node:fs";
import { ExitCode, LlmBatchError } from "../../domain/errors.ts";

/**
 * Makes a check that `path` and its write-ahead log still lead to the files they lead to now. SQLite goes on writing to a file that
 * was deleted, and all of it would be gone when the process ends. Only looks: opening a file would drop its locks.
 * @returns the check, which throws LlmBatchError DB_GONE when one was deleted or replaced
 */
export function sameFile(path: string): () => void {
  const checks = [watch(path, "the database"), watch(`${path}-wal`, "the database's -wal file")];
  return () => {
    for (const check of checks) check();
  };
}

function watch(path: string, what: string): () => void {
  let known = find(path);
  return () => {
    const found = find(path);
    // The log comes with the first access to the database, and goes with the last connection, never before.
    known ??= found;
    if (found?.ino === known?.ino && found?.dev === known?.dev) return;
    throw new LlmBatchError({
      code: "DB_GONE",
      message: `${path}: ${what} was ${found ? "replaced" : "deleted or moved"} while it was in use`,
      hint: "put the database and its -wal file back side by side if you have both, then run `llm-batch resume`; else start the run again",
      exitCode: ExitCode.stopped,
    });
  };
}

function find(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}
