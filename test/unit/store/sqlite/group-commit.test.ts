import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openWriter } from "../../../../src/store/sqlite/connection.ts";
import { type Database, loadDriver } from "../../../../src/store/sqlite/driver.ts";
import { GroupCommit } from "../../../../src/store/sqlite/group-commit.ts";
import { MIGRATIONS } from "../../../../src/store/sqlite/schema.ts";
import { Tallies } from "../../../../src/store/sqlite/tallies.ts";
import { tempFolder } from "../../../helpers/cli.ts";
import { ManualClock } from "../../../helpers/manual-clock.ts";

let db: Database;
let observer: Database;
let clock: ManualClock;
let tallies: Tallies;
let commits: GroupCommit;

beforeEach(() => {
  const path = join(tempFolder(), "jobs.db");
  db = openWriter(loadDriver(), path, { durability: "full", migrations: MIGRATIONS, wallMs: 0 });
  observer = new (loadDriver())(path, { timeout: 0 });
  clock = new ManualClock();
  tallies = new Tallies(db);
  commits = new GroupCommit(db, [tallies], { clock, random: () => 0.5 });
});

afterEach(() => {
  observer.close();
  db.close();
});

function put(endpoint: string, state = ""): Promise<void> {
  return commits.write(() => void db.prepare("INSERT INTO endpoints VALUES (?, ?, 0)").run(endpoint, state));
}

const stored = (): unknown[] => observer.prepare("SELECT endpoint FROM endpoints ORDER BY 1").pluck().all();
const dataVersion = (): unknown => observer.pragma("data_version", { simple: true });

describe("writes of one moment", () => {
  test("are one transaction, seen by others once their promises settle", async () => {
    const seen: number[] = [];
    const looks = ["a", "b", "c"].map((name) => put(name).then(() => seen.push(stored().length)));
    expect(stored()).toEqual([]);
    await Promise.all(looks);
    expect(seen).toEqual([3, 3, 3]);
  });

  test("give each its own value, in order", async () => {
    const order: number[] = [];
    const write = (value: number) => commits.write(() => order.push(value) && value);
    expect(await Promise.all([write(1), write(2), write(3)])).toEqual([1, 2, 3]);
    expect(order).toEqual([1, 2, 3]);
  });

  test("one that throws is taken out whole, its counts as well; the others are committed", async () => {
    const broken = commits.write(() => {
      db.prepare("INSERT INTO endpoints VALUES ('half', '', 0)").run();
      tallies.add(1, "x", 100);
      throw new Error("broken");
    });
    const counted = commits.write(() => tallies.add(1, "x", 1));
    const settled = await Promise.allSettled([put("a"), broken, counted, put("b")]);
    expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
    expect(stored()).toEqual(["a", "b"]);
    expect(observer.prepare("SELECT name, value FROM tallies").all()).toEqual([{ name: "x", value: 1 }]);
  });

  test("all may throw, and later ones go on", async () => {
    const broken = () => commits.write(() => db.exec("NO SUCH STATEMENT"));
    const settled = await Promise.allSettled([broken(), broken()]);
    expect(settled.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await put("a");
    expect(stored()).toEqual(["a"]);
  });

  test("writes that change nothing commit nothing", async () => {
    const before = dataVersion();
    await commits.write(() => 1);
    expect(dataVersion()).toBe(before);
  });
});

describe("writes of two turns of the event loop, many in each", () => {
  const manyWrites = (turn: string): Promise<unknown[]> =>
    Promise.all(Array.from({ length: 20 }, (_, at) => put(`${turn} ${at}`).then(dataVersion)));

  test.each([
    { isSaturated: true, transactions: 1 },
    { isSaturated: false, transactions: 2 },
  ])("are $transactions transactions where the loop is saturated: $isSaturated", async (given) => {
    commits = new GroupCommit(db, [tallies], { clock, random: () => 0.5 }, given);
    const first = manyWrites("first");
    await new Promise((resolve) => setImmediate(resolve));
    const seen = [...(await manyWrites("second")), ...(await first)];
    expect(new Set(seen).size).toBe(given.transactions);
    expect(stored()).toHaveLength(40);
  });
});

describe("while another process holds the lock", () => {
  test("writes wait by the clock and are done once it is free", async () => {
    observer.exec("BEGIN IMMEDIATE");
    const first = put("a");
    await clock.timersSet(1);
    const second = put("b");
    clock.advanceToNext();
    await clock.timersSet(1);
    observer.exec("COMMIT");
    clock.advanceToNext();
    await Promise.all([first, second]);
    expect(stored()).toEqual(["a", "b"]);
  });

  test("after 30 seconds they fail with DB_LOCKED, and later ones go on", async () => {
    observer.exec("BEGIN IMMEDIATE");
    const failed = expect(put("a")).rejects.toMatchObject({ code: "DB_LOCKED", exitCode: 75 });
    await clock.timersSet(1);
    clock.advance(29_000);
    await clock.timersSet(1);
    clock.advance(2_000);
    await failed;
    observer.exec("COMMIT");
    await put("b");
    expect(stored()).toEqual(["b"]);
  });
});

test("on a full disk the write fails, what was recorded stays, and writing goes on once there is room", async () => {
  await put("before");
  const pages = db.pragma("page_count", { simple: true }) as number;
  db.pragma(`max_page_count = ${pages + 4}`);
  const group = [put("small"), put("large", "x".repeat(100_000)), put("other")];
  for (const { status, reason } of (await Promise.allSettled(group)) as PromiseRejectedResult[]) {
    expect(status).toBe("rejected");
    expect(reason).toMatchObject({
      code: "DISK_FULL",
      exitCode: 75,
      hint: expect.stringContaining("same command again"),
    });
  }
  expect(stored()).toEqual(["before"]);
  db.pragma("max_page_count = 1000000");
  await put("after", "x".repeat(100_000));
  expect(stored()).toEqual(["after", "before"]);
});
