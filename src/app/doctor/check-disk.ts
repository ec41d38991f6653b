import { accessSync, constants, existsSync, realpathSync, statfsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Check, failed, passed, warned } from "../../domain/check.ts";
import { fileTrouble } from "../../domain/file-error.ts";
import { grouped } from "../../domain/grouped.ts";

const MIB = 2 ** 20;
/** About as much as the log may grow before it is cut back: with less, a run stops soon. */
const NEEDED_BYTES = 64 * MIB;
/** About as much as 100,000 rows take with their replies. */
const WISHED_BYTES = 1024 * MIB;

/** Whether a run could write to the database: permissions, and space. Nothing is opened or written. */
export function checkDisk(path: string): Check[] {
  const database = existsSync(path) ? realpathSync(path) : resolve(path);
  const folder = dirname(database);
  const hint = "make it writable, or name another file with --db";
  const files = [database, `${database}-wal`, `${database}-shm`].filter((file) => existsSync(file));
  for (const place of [folder, ...files]) {
    try {
      accessSync(place, constants.R_OK | constants.W_OK);
    } catch (error) {
      return [failed("disk", `${place}: can't be written: ${fileTrouble(error)}`, hint)];
    }
  }
  const { bavail, bsize } = statfsSync(folder);
  return [passed("disk", `${folder} is writable`), checkSpace(folder, bavail * bsize)];
}

export function checkSpace(folder: string, freeBytes: number): Check {
  const free = `${grouped(Math.floor(freeBytes / MIB))} MiB are free in ${folder}`;
  const hint = "free some space, or name a file on another disk with --db";
  if (freeBytes < NEEDED_BYTES) return failed("space", `only ${free}`, hint);
  return freeBytes < WISHED_BYTES ? warned("space", `only ${free}`, hint) : passed("space", free);
}
