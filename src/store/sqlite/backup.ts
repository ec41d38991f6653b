import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import type { Database } from "./driver.ts";

/**
 * Copies a database to a file that is there whole or not at all; only a process that is killed meanwhile leaves
 * `<target>.part`.
 */
export function backUp(db: Database, target: string): void {
  const part = `${target}.part`;
  try {
    // SQLite takes an empty file for it, and would make one that others may read.
    closeSync(openSync(part, "wx", statSync(db.name).mode & 0o777));
    db.prepare("VACUUM INTO ?").run(part);
    sync(part);
    renameSync(part, target);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

/** SQLite doesn't sync such a copy. */
function sync(path: string): void {
  const file = openSync(path, "r+");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
