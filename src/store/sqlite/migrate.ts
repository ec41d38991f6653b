import { rmSync } from "node:fs";
import { LlmBatchError } from "../../domain/errors.ts";
import { backUp } from "./backup.ts";
import type { Database } from "./driver.ts";
import { APPLICATION_ID } from "./schema.ts";

export function schemaVersion(db: Database): number {
  return db.pragma("user_version", { simple: true }) as number;
}

/** @throws LlmBatchError SCHEMA_TOO_NEW */
export function refuseNewerSchema(version: number, known: number, path: string): void {
  if (version <= known) return;
  throw new LlmBatchError({
    code: "SCHEMA_TOO_NEW",
    message: `${path} was written by a newer llm-batch: its schema is ${version}, this one knows ${known}`,
    hint: "update llm-batch, or name another file with --db",
  });
}

/**
 * Brings the schema to the newest version, in one transaction. An older database is copied first, to
 * `<path>.v<version>-<time>.bak`.
 */
export function migrate(db: Database, path: string, migrations: readonly string[], wallMs: number): void {
  const before = schemaVersion(db);
  const isOld = before > 0 && before < migrations.length;
  const copy = isOld ? `${path}.v${before}-${wallMs}.bak` : null;
  if (copy !== null) backUp(db, copy);
  try {
    upgrade(db, path, migrations);
  } catch (error) {
    // The database is as it was. Copies of it, one for each try, would fill a disk that is short of room.
    if (copy !== null) rmSync(copy);
    throw error;
  }
}

function upgrade(db: Database, path: string, migrations: readonly string[]): void {
  db.transaction(() => {
    // Another process may have migrated since: only what is read under the lock counts.
    const version = schemaVersion(db);
    refuseNewerSchema(version, migrations.length, path);
    if (version === migrations.length) return;
    for (const statements of migrations.slice(version)) db.exec(statements);
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${migrations.length}`);
  }).immediate();
}
