import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { loadDriver } from "../../../../src/store/sqlite/driver.ts";
import { SqliteRig } from "../../../helpers/sqlite-rig.ts";
import { allRows, endingOf, newRun, queueOf, storeRun } from "../../../helpers/stored-run.ts";

const SCRIPT = join(import.meta.dirname, "../../../helpers/claim-and-hang.mjs");

const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) await kill(child);
});

/** Starts a process that holds so many claims of a run, or without a run an unfinished import. */
async function holder(...args: readonly (string | number)[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["--import", "tsx", SCRIPT, ...args.map(String)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const [first] = await Promise.race([once(child.stdout!, "data"), once(child, "exit")]);
  expect(String(first)).toBe("ready");
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

test("after kill -9 the next process takes the claims back at once, and leaves a living process's alone", async () => {
  const rig = new SqliteRig();
  const store = await rig.open();
  const { id } = await storeRun(store, 30);
  const dead = await holder(rig.path, id, 4, 10);
  await holder(rig.path, id, 4, 5);
  expect(await store.rescue()).toMatchObject({ jobs: 0, inDoubtAtMost: 0 });
  await kill(dead);
  const next = await rig.open();
  expect(await next.rescue()).toMatchObject({ jobs: 10, inDoubtAtMost: 4 });
  expect((await next.figures(id)).jobs).toMatchObject({ pending: 25, running: 5 });
});

test("a dead process's claims are found even when another has taken over its slot", async () => {
  const rig = new SqliteRig();
  const observer = await rig.open();
  const { id } = await storeRun(observer, 10);
  await observer.close();
  const dead = await holder(rig.path, id, 2, 3);
  await kill(dead);
  const heir = await rig.open();
  await heir.attach(id, 2);
  const [job] = await heir.claim(id, queueOf(), 1);
  const next = await rig.open();
  expect(await next.rescue()).toMatchObject({ jobs: 3, inDoubtAtMost: 2 });
  expect(await heir.record(endingOf(job!, "succeeded"))).toBe("recorded");
});

test("a living process that was taken for dead claims under a new name, and leaves nothing that can't be rescued", async () => {
  const rig = new SqliteRig();
  const [store, other] = [await rig.open(), await rig.open()];
  const { id } = await storeRun(store, 9);
  await store.attach(id, 2);
  const lost = await store.claim(id, queueOf(), 3);
  // Who deletes a lock file takes its holder for dead.
  rmSync(`${rig.path}-lock-1`);
  expect(await other.rescue()).toMatchObject({ jobs: 3, inDoubtAtMost: 2 });
  expect(await store.holds(lost[0]!)).toBe(false);
  expect(await store.record(endingOf(lost[0]!, "succeeded"))).toBe("recorded");
  const kept = await store.claim(id, queueOf(), 4);
  expect(await store.holds(kept[0]!)).toBe(true);
  expect(await other.rescue()).toMatchObject({ jobs: 0 });
  expect((await other.verify()).filter(({ verdict }) => verdict !== "ok")).toEqual([]);
  expect(await store.record(endingOf(kept[0]!, "succeeded"))).toBe("recorded");
  await store.close();
  expect(await other.rescue()).toMatchObject({ jobs: 3, inDoubtAtMost: 2 });
});

test("a row whose process has died ten times fails", async () => {
  const rig = new SqliteRig();
  const store = await rig.open();
  const { id } = await storeRun(store, 2);
  setCrashes(rig.path, 9);
  await kill(await holder(rig.path, id, 1, 1));
  expect(await store.rescue()).toMatchObject({ jobs: 1, inDoubtAtMost: 1 });
  expect(await allRows(store, id)).toMatchObject([
    { state: "failed", errorCode: "CRASHED" },
    { state: "pending" },
  ]);
  expect((await store.figures(id)).failures).toMatchObject([
    { code: "CRASHED", count: 1, example: { id: "row-1" } },
  ]);
  expect(await store.retry(id, {})).toBe(1);
});

test("an import cut off by kill -9 is dropped, and the same input can be imported at once", async () => {
  const rig = new SqliteRig();
  const store = await rig.open();
  const importer = await holder(rig.path);
  await expect(store.beginImport(newRun())).rejects.toMatchObject({ code: "RUN_BEING_IMPORTED" });
  await kill(importer);
  const { id } = await storeRun(store, 2);
  expect((await store.listRuns()).map((run) => run.id)).toEqual([id]);
});

function setCrashes(path: string, crashes: number): void {
  const db = new (loadDriver())(path);
  db.prepare("UPDATE jobs SET crashes = ?").run(crashes);
  db.close();
}
