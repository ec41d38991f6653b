import { createRequire } from "node:module";
import type BetterSqlite3 from "better-sqlite3";
import { LlmBatchError } from "../../domain/errors.ts";

export type Database = BetterSqlite3.Database;
export type Driver = typeof BetterSqlite3;

const load = createRequire(import.meta.url);

/**
 * Loads better-sqlite3.
 * @throws LlmBatchError DRIVER_UNSUPPORTED where loading it would crash the process.
 */
export function loadDriver(): Driver {
  const { version } = load("better-sqlite3/package.json") as { version: string };
  assertDriverRuns(version, process.versions.napi ?? "0");
  return load("better-sqlite3") as Driver;
}

/** better-sqlite3 13 is built for Node-API 10 and ends with a segmentation fault on less. */
export function assertDriverRuns(driverVersion: string, napiVersion: string): void {
  if (Number.parseInt(driverVersion, 10) < 13 || Number(napiVersion) >= 10) return;
  throw new LlmBatchError({
    code: "DRIVER_UNSUPPORTED",
    message: `better-sqlite3 ${driverVersion} needs Node-API 10, and Node ${process.versions.node} has ${napiVersion}`,
    hint: "use Node 22.14 or newer, or install better-sqlite3@12",
  });
}
