import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadDriver } from "../../../../src/store/sqlite/driver.ts";
import { openStore, openStoreReader } from "../../../../src/store/sqlite/open.ts";
import { tempFolder } from "../../../helpers/cli.ts";
import { ManualClock } from "../../../helpers/manual-clock.ts";
import { seeded } from "../../../helpers/seeded.ts";
import { SqliteRig } from "../../../helpers/sqlite-rig.ts";
import { queueOf, storeRun } from "../../../helpers/stored-run.ts";

const clock = new ManualClock();
const random = seeded(1);
const toWrite = (path: string) => openStore({ path, clock, random, durability: "full" });
const toRead = (path: string) => openStoreReader({ path, clock, random });

/** Makes a database by hand; nobody has it open afterwards. */
function database(...statements: readonly string[]): string {
  const path = join(tempFolder(), "jobs.db");
  const db = new (loadDriver())(path);
  for (const statement of statements) db.exec(statement);
  db.close();
  return path;
}

function file(content: string): string {
  const path = join(tempFolder(), "jobs.db");
  writeFileSync(path, content);
  return path;
}

async function newerDatabase(): Promise<string> {
  const rig = new SqliteRig();
  await (await rig.open()).close();
  const db = new (loadDriver())(rig.path);
  db.pragma("user_version = 99");
  db.close();
  return rig.path;
}

describe("what can't be a job table is refused and left as it was", () => {
  test.each([
    ["another program's database", () => database("CREATE TABLE t (a)"), "NOT_OURS"],
    ["a database with another program's mark", () => database("PRAGMA application_id = 7"), "NOT_OURS"],
    ["a text file", () => file(`{"prompt":"hi"}\n`.repeat(100)), "NOT_A_DATABASE"],
    ["a newer schema", newerDatabase, "SCHEMA_TOO_NEW"],
  ])("%s", async (_, make, code) => {
    const path = await make();
    const hash = () => createHash("sha256").update(readFileSync(path)).digest("hex");
    const before = hash();
    for (const open of [toWrite, toRead]) {
      await expect(open(path)).rejects.toMatchObject({
        code,
        exitCode: 2,
        message: expect.stringContaining(path),
      });
    }
    expect(hash()).toBe(before);
  });

  test("a folder", async () => {
    const path = tempFolder();
    for (const open of [toWrite, toRead])
      await expect(open(path)).rejects.toMatchObject({ code: "DB_UNREADABLE" });
  });

  test("a path in a folder that isn't there", async () => {
    const path = join(tempFolder(), "missing", "jobs.db");
    for (const open of [toWrite, toRead])
      await expect(open(path)).rejects.toMatchObject({ code: "DB_FOLDER_NOT_FOUND" });
  });

  test("to read: a file that isn't there, or holds nothing, and neither is made into one", async () => {
    const missing = join(tempFolder(), "jobs.db");
    const hint = expect.stringContaining("llm-batch run");
    await expect(toRead(missing)).rejects.toMatchObject({ code: "DB_NOT_FOUND", hint });
    await expect(toRead(file(""))).rejects.toMatchObject({ code: "DB_NOT_FOUND" });
    await (await toWrite(missing)).close();
    await (await toRead(missing)).close();
  });
});

test("an empty file is made a job table", async () => {
  const store = await toWrite(file(""));
  expect(await store.listRuns()).toEqual([]);
  await store.close();
});

test("a database whose maker died in its first write is as good as none, and is made anew", async () => {
  const db = new (loadDriver())(join(tempFolder(), "jobs.db"));
  // With hardly any cache, pages of the open transaction go to the file, and what was there before to its journal.
  db.exec("PRAGMA cache_size = 1; BEGIN; CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(100000))");
  const [toBeRead, toBeWritten] = [0, 1].map(() => {
    const copy = join(tempFolder(), "jobs.db");
    for (const ending of ["", "-journal"]) copyFileSync(`${db.name}${ending}`, `${copy}${ending}`);
    return copy;
  });
  db.close();
  await expect(toRead(toBeRead!)).rejects.toMatchObject({ code: "DB_NOT_FOUND" });
  const store = await toWrite(toBeWritten!);
  expect(await store.listRuns()).toEqual([]);
  await store.close();
});

test("what is opened to be read sees the writes of others and makes none", async () => {
  const rig = new SqliteRig();
  const store = await rig.open();
  const { id } = await storeRun(store, 2);
  const reader = await toRead(rig.path);
  await store.claim(id, queueOf(), 1);
  expect((await reader.figures(id)).jobs).toMatchObject({ pending: 1, running: 1 });
  expect(await reader.isWorkedOn(id)).toBe(true);
  await store.close();
  expect(await reader.isWorkedOn(id)).toBe(false);
  await reader.close();
});

test("processes that come by a link and by the file's own name see each other", async () => {
  const rig = new SqliteRig();
  const store = await rig.open();
  const { id } = await storeRun(store, 1);
  const link = join(dirname(rig.path), "linked");
  mkdirSync(link);
  symlinkSync(rig.path, join(link, "link.db"));
  const other = await toWrite(join(link, "link.db"));
  expect(await other.isWorkedOn(id)).toBe(true);
  await other.close();
});

test("a database whose tables were changed by others is told apart from a bug", async () => {
  const rig = new SqliteRig();
  await (await rig.open()).close();
  const db = new (loadDriver())(rig.path);
  db.exec("DROP TABLE tallies");
  db.close();
  for (const open of [toWrite, toRead]) {
    await expect(open(rig.path)).rejects.toMatchObject({
      code: "DB_ALTERED",
      message: expect.stringContaining("tallies"),
    });
  }
});
