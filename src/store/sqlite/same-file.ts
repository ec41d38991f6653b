import { existsSync, type Stats, statSync } from "node:fs";
import { ExitCode, LlmBatchError } from "../../domain/errors.ts";
import type { Clock } from "../../ports/clock.ts";

/**
 * How often it is looked whether the log is still the same one; that it is there, is looked at each time. Once a file's times were
 * read, Linux writes exact ones with its next change: to read them before each commit made it take a quarter longer.
 */
const LOOK_MS = 1_000;

/**
 * Makes a check that `path` and its write-ahead log still lead to the files they lead to now. SQLite goes on writing to a file that
 * was deleted, and all of it would be gone when the process ends. Only looks: opening a file would drop its locks.
 * @returns the check, which throws LlmBatchError DB_GONE when one was deleted or replaced; the log, within a second of its replacement
 */
export function sameFile(path: string, clock: Clock): () => void {
  const logPath = `${path}-wal`;
  const checkDatabase = watch(path, "the database");
  const checkLog = watch(logPath, "the database's -wal file");
  let lookAt = clock.now() + LOOK_MS;
  return () => {
    checkDatabase();
    if (existsSync(logPath) && clock.now() < lookAt) return;
    checkLog();
    lookAt = clock.now() + LOOK_MS;
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
