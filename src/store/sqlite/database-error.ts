import { closeSync, openSync, rmSync } from "node:fs";
import { devNull } from "node:os";
import { ExitCode, LlmBatchError, tooManyFiles } from "../../domain/errors.ts";
import { codeOf, type Fault, type Faults, faultOf } from "../fault.ts";

/** What can be done about damage. */
export const CORRUPT_HINT =
  "keep a copy, save what can be read with `sqlite3 FILE .recover`, and start again with another --db";

const FULL: Fault = {
  code: "DISK_FULL",
  what: "the disk is full; everything recorded so far is kept",
  hint: "free some space, then run the same command again: it goes on where it stopped",
  exitCode: ExitCode.stopped,
};

const UNREADABLE: Fault = {
  code: "DB_UNREADABLE",
  what: "the database cannot be opened",
  hint: "check the permissions of the file and its folder, or name another file with --db",
  exitCode: ExitCode.usage,
};

/** By the beginning of SQLite's code, whose extended codes mostly only say more exactly where it happened. The first counts. */
const FAULTS: Faults = [
  [
    "SQLITE_BUSY",
    {
      code: "DB_LOCKED",
      what: "another process has kept the database locked for 30 s",
      hint: "end the program that writes to it, then run the same command again: it goes on where it stopped",
      exitCode: ExitCode.stopped,
    },
  ],
  ["SQLITE_FULL", FULL],
  // No room for the file of the log's shared memory, which is made anew by whoever comes first.
  ["SQLITE_IOERR_SHMSIZE", FULL],
  [
    "SQLITE_CORRUPT",
    {
      code: "DB_CORRUPT",
      what: "the database is damaged",
      hint: CORRUPT_HINT,
      exitCode: ExitCode.usage,
    },
  ],
  [
    "SQLITE_NOTADB",
    {
      code: "NOT_A_DATABASE",
      what: "the file is no SQLite database",
      hint: "name another file with --db",
      exitCode: ExitCode.usage,
    },
  ],
  [
    "SQLITE_READONLY",
    {
      code: "DB_READ_ONLY",
      what: "the database cannot be written",
      hint: "make the file and its folder writable, which even reading it takes, or name another file, such as a copy, with --db",
      exitCode: ExitCode.usage,
    },
  ],
  [
    "SQLITE_IOERR",
    {
      code: "DB_IO_ERROR",
      what: "the disk reports an error",
      hint: "check the disk, your quota on it, and how large a file may be (ulimit -f), then run the same command again: it goes on where it stopped",
      exitCode: ExitCode.stopped,
    },
  ],
  ["SQLITE_CANTOPEN", UNREADABLE],
  ["EACCES", UNREADABLE],
];

export function isBusy(error: unknown): boolean {
  return codeOf(error).startsWith("SQLITE_BUSY");
}

/** Whether a file that is there may not be opened, or not be written. */
export function isForbidden(error: unknown): boolean {
  return /^SQLITE_(CANTOPEN|READONLY)/.test(codeOf(error)) && !noFileCanBeOpened();
}

/** Whether a process died in the middle of a write, such as the very first, that only one who may write can take back. */
export function needsRollback(error: unknown): boolean {
  return codeOf(error) === "SQLITE_READONLY_ROLLBACK";
}

export function isUniqueViolation(error: unknown): boolean {
  return codeOf(error) === "SQLITE_CONSTRAINT_UNIQUE";
}

/**
 * The readable form of an error that comes from the database's surroundings: disk, locks, permissions. Null for
 * any other error, such as a violated constraint, which is the fault of one statement.
 */
export function databaseFault(error: unknown, path: string): LlmBatchError | null {
  const fault = faultOf(error, FAULTS);
  if (fault === undefined) return null;
  if (fault === UNREADABLE && noFileCanBeOpened()) return tooManyFiles(error);
  const { what, ...rest } = fault === UNREADABLE && noFileCanBeMade(path) ? FULL : fault;
  return new LlmBatchError({ ...rest, message: `${path}: ${what} (${codeOf(error)})`, cause: error });
}

/** Nor from a disk that has room for bytes, and none for another file. */
function noFileCanBeMade(path: string): boolean {
  const probe = `${path}-probe-${process.pid}`;
  try {
    closeSync(openSync(probe, "wx"));
    rmSync(probe);
    return false;
  } catch (error) {
    return codeOf(error) === "ENOSPC" || codeOf(error) === "EDQUOT";
  }
}

/** SQLite doesn't tell a process without a file descriptor left from a file that can't be opened; large writes need a file of their own. */
function noFileCanBeOpened(): boolean {
  try {
    closeSync(openSync(devNull, "r"));
    return false;
  } catch {
    return true;
  }
}

/** At opening, statements that SQLite can't prepare mean that tables or indexes have gone or changed. */
export function alteredSchema(error: unknown, path: string): LlmBatchError | null {
  if (codeOf(error) !== "SQLITE_ERROR") return null;
  return new LlmBatchError({
    code: "DB_ALTERED",
    message: `${path}: the tables are not as llm-batch made them (${(error as Error).message})`,
    hint: "go back to a copy of the file, or name another with --db",
    cause: error,
  });
}
