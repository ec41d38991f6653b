import { realpathSync, type Stats, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { LlmBatchError } from "../../domain/errors.ts";
import { fileTrouble } from "../../domain/file-error.ts";
import { shellWord } from "../../domain/shell-word.ts";
import { needsRollback } from "./database-error.ts";
import type { Database, Driver } from "./driver.ts";
import { localityOf, NETWORK_HINT, onNetwork } from "./file-system.ts";
import { refuseNewerSchema, schemaVersion } from "./migrate.ts";
import { APPLICATION_ID } from "./schema.ts";
import { Slots } from "./slots.ts";

/** `create` makes the database where there is none; the others need one. */
export type OpenMode = "create" | "write" | "read";

/**
 * Looks at what is to be opened and refuses what can't be used, without changing anything; only what a process left half
 * written at its death is taken back. The file is opened by SQLite alone: closing it through `fs` would drop the locks this
 * process holds on it.
 * @throws LlmBatchError DB_FOLDER_NOT_FOUND, DB_NOT_FOUND, DB_UNREADABLE, DB_ON_NETWORK, NOT_OURS, SCHEMA_TOO_NEW,
 * SCHEMA_TOO_OLD, DB_IN_USE; or SQLite's own error, e.g. for a file that is no database.
 */
export function inspect(driver: Driver, path: string, mode: OpenMode, known: number): void {
  refuseLength(path);
  refuseFolder(dirname(path));
  refuseNetwork(path);
  const file = look(path);
  if (file?.isDirectory()) throw unreadable(path, "it is a folder");
  if (file && !file.isFile()) throw unreadable(path, "it is a device or a pipe");
  const version = file === undefined ? 0 : inspectFile(driver, path);
  refuseNewerSchema(version, known, path);
  if (version === 0) {
    if (mode === "create") return;
    throw notFound(path);
  }
  if (mode === "read" && version < known) throw tooOld(path, version, known);
  if (version < known) refuseInUse(driver, path, known);
}

/** A process of an older version couldn't record its answers any more once the schema is newer. */
function refuseInUse(driver: Driver, path: string, known: number): void {
  if (!new Slots(driver, realpathSync(path)).someHeld()) return;
  // Those at work may be of this version, and have brought the schema up to date since.
  const version = inspectFile(driver, path);
  if (version < known) throw inUse(path, version, known);
}

/** SQLite takes paths of less than 512 bytes and most file systems names of up to 255, of which files beside it need some. */
const LONGEST_PATH = 500;
const LONGEST_NAME = 245;

function refuseLength(path: string): void {
  if (Buffer.byteLength(resolve(path)) > LONGEST_PATH)
    throw unreadable(path, "its path is too long for SQLite");
  if (Buffer.byteLength(basename(path)) > LONGEST_NAME) throw unreadable(path, "its name is too long");
}

function refuseFolder(folder: string): void {
  if (look(folder)?.isDirectory() !== true) {
    throw new LlmBatchError({
      code: "DB_FOLDER_NOT_FOUND",
      message: `${folder}, the folder for the database, doesn't exist`,
      hint: `create it (mkdir -p ${shellWord(folder)}), or name another file with --db`,
    });
  }
}

function look(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === "ELOOP" || code === "ENAMETOOLONG" || code === "ENOTDIR"
      ? unreadable(path, fileTrouble(error))
      : error;
  }
}

function refuseNetwork(path: string): void {
  if (localityOf(path) !== "network") return;
  throw new LlmBatchError({ code: "DB_ON_NETWORK", message: onNetwork(path), hint: NETWORK_HINT });
}

function inspectFile(driver: Driver, path: string): number {
  try {
    return inspectAs(driver, path, { readonly: true });
  } catch (error) {
    if (!needsRollback(error)) throw error;
    return inspectAs(driver, path, { readonly: false });
  }
}

function inspectAs(driver: Driver, path: string, { readonly }: { readonly: boolean }): number {
  const db = new driver(path, { readonly, timeout: 0 });
  try {
    refuseForeign(db, path);
    return schemaVersion(db);
  } finally {
    db.close();
  }
}

/** An empty database, left by a process that died while it made it, is as good as none. */
function refuseForeign(db: Database, path: string): void {
  const id = db.pragma("application_id", { simple: true });
  if (id === APPLICATION_ID) return;
  const objects = db.prepare("SELECT count(*) FROM sqlite_schema").pluck().get();
  if (id === 0 && objects === 0) return;
  throw new LlmBatchError({
    code: "NOT_OURS",
    message: `${path} is the database of another program`,
    hint: "name another file with --db",
  });
}

function unreadable(path: string, why: string): LlmBatchError {
  return new LlmBatchError({
    code: "DB_UNREADABLE",
    message: `${path} can't be opened: ${why}`,
    hint: "name another file with --db",
  });
}

function notFound(path: string): LlmBatchError {
  return new LlmBatchError({
    code: "DB_NOT_FOUND",
    message: `there is no job table at ${path}`,
    hint: "start one with `llm-batch run <input>`, or name another file with --db",
  });
}

function tooOld(path: string, version: number, known: number): LlmBatchError {
  return new LlmBatchError({
    code: "SCHEMA_TOO_OLD",
    message: `${path} has schema ${version}, this llm-batch reads ${known}`,
    hint: "any command that writes, such as `llm-batch resume`, brings it up to date",
  });
}

function inUse(path: string, version: number, known: number): LlmBatchError {
  return new LlmBatchError({
    code: "DB_IN_USE",
    message: `${path} has schema ${version}, this llm-batch brings it to ${known}, and an older llm-batch is at work on it`,
    hint: "let that process finish, or stop it, then run the same command again",
  });
}
