import { describe, expect, test } from "vitest";
import { databaseFault } from "../../../../src/store/sqlite/database-error.ts";
import { assertDriverRuns } from "../../../../src/store/sqlite/driver.ts";

const withCode = (code: string): Error => Object.assign(new Error(code), { code });

describe("what SQLite complains of is put into words", () => {
  test.each([
    ["SQLITE_BUSY", "DB_LOCKED", 75],
    ["SQLITE_BUSY_SNAPSHOT", "DB_LOCKED", 75],
    ["SQLITE_FULL", "DISK_FULL", 75],
    ["SQLITE_IOERR_SHMSIZE", "DISK_FULL", 75],
    ["SQLITE_IOERR_WRITE", "DB_IO_ERROR", 75],
    ["SQLITE_CORRUPT_INDEX", "DB_CORRUPT", 2],
    ["SQLITE_NOTADB", "NOT_A_DATABASE", 2],
    ["SQLITE_READONLY_DIRECTORY", "DB_READ_ONLY", 2],
    ["SQLITE_CANTOPEN", "DB_UNREADABLE", 2],
    ["EACCES", "DB_UNREADABLE", 2],
  ])("%s is %s", (sqlite, code, exitCode) => {
    const message = expect.stringMatching(new RegExp(`^jobs.db: .*${sqlite}`));
    expect(databaseFault(withCode(sqlite), "jobs.db")).toMatchObject({ code, exitCode, message });
  });

  test.each([withCode("SQLITE_CONSTRAINT_UNIQUE"), withCode("ENOENT"), new Error("bug"), "text", null])(
    "%s stays what it is",
    (error) => expect(databaseFault(error, "jobs.db")).toBeNull(),
  );
});

describe("the driver is only loaded where it runs", () => {
  test.each([
    ["12.11.1", "9"],
    ["13.2.0", "10"],
    ["14.0.0", "11"],
  ])("%s on Node-API %s", (driver, napi) => expect(() => assertDriverRuns(driver, napi)).not.toThrow());

  test("13 on Node-API 9 is refused, naming both ways out", () => {
    expect(() => assertDriverRuns("13.2.0", "9")).toThrow(
      expect.objectContaining({
        code: "DRIVER_UNSUPPORTED",
        hint: expect.stringMatching(/Node 22.*better-sqlite3@12/),
      }),
    );
  });
});
