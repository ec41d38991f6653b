import { mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { openWriter } from "../../../../src/store/sqlite/connection.ts";
import { type Database, loadDriver } from "../../../../src/store/sqlite/driver.ts";
import { migrate, schemaVersion } from "../../../../src/store/sqlite/migrate.ts";
import { tempFolder } from "../../../helpers/cli.ts";

const FIRST = "CREATE TABLE t (a INTEGER) STRICT";
const SECOND = "ALTER TABLE t ADD COLUMN b INTEGER";

function open(path: string, migrations: readonly string[]): Database {
  return openWriter(loadDriver(), path, { durability: "full", migrations, wallMs: 1_234 });
}

function withRow(): string {
  const path = join(tempFolder(), "jobs.db");
  const db = open(path, [FIRST]);
  db.exec("INSERT INTO t VALUES (1)");
  db.close();
  return path;
}

test("an older database is brought up to date, its rows kept, and a copy of it left beside it", () => {
  const path = withRow();
  const db = open(path, [FIRST, SECOND]);
  expect(schemaVersion(db)).toBe(2);
  expect(db.prepare("SELECT * FROM t").all()).toEqual([{ a: 1, b: null }]);
  db.close();
  const copy = new (loadDriver())(`${path}.v1-1234.bak`, { readonly: true, fileMustExist: true });
  expect(schemaVersion(copy)).toBe(1);
  expect(copy.prepare("SELECT * FROM t").all()).toEqual([{ a: 1 }]);
  copy.close();
});

test("an up-to-date or new database is not copied", () => {
  const path = withRow();
  open(path, [FIRST]).close();
  expect(readdirSync(dirname(path)).filter((name) => name.endsWith(".bak"))).toEqual([]);
});

test("a migration that fails leaves the old schema, and no copy for each try", () => {
  const path = withRow();
  const before = readdirSync(dirname(path));
  expect(() => open(path, [FIRST, `${SECOND}; NO SUCH STATEMENT`])).toThrow(/syntax error/);
  expect(readdirSync(dirname(path))).toEqual(before);
  const db = open(path, [FIRST]);
  expect(db.prepare("SELECT * FROM t").all()).toEqual([{ a: 1 }]);
  db.close();
});

test("a copy that can't be made whole is not left, and the database is as it was", () => {
  const path = withRow();
  // In place of a full disk: the copy can't take its name.
  mkdirSync(join(`${path}.v1-1234.bak`, "in the way"), { recursive: true });
  expect(() => open(path, [FIRST, SECOND])).toThrow(/rename/);
  expect(readdirSync(dirname(path)).filter((name) => name.endsWith(".part"))).toEqual([]);
  const db = open(path, [FIRST]);
  expect(db.prepare("SELECT * FROM t").all()).toEqual([{ a: 1 }]);
  db.close();
});

test("a database that another process has made newer meanwhile is refused", () => {
  const path = withRow();
  const db = open(path, [FIRST, SECOND]);
  expect(() => migrate(db, path, [FIRST], 0)).toThrow(/newer llm-batch/);
  db.close();
});
