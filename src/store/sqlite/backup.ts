import { closeSync, fsyncSync, openSync, renameSync } from "node:fs";
import type { Database } from "./driver.ts";

/** Copies a database to a file that is there whole or not at all; a process that dies meanwhile leaves `<target>.part`. */
export function backUp(db: Database, target: string): void {
  const part = `${target}.part`;
  db.prepare("VACUUM INTO ?").run(part);
  // SQLite doesn't sync such a copy.
  const file = openSync(part, "r+");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(part, target);
}
