import { expect, test } from "vitest";
import type { Store } from "../../../../src/ports/store.ts";
import { loadDriver } from "../../../../src/store/sqlite/driver.ts";
import { SqliteRig } from "../../../helpers/sqlite-rig.ts";
import { endingOf, importRow, queueOf, storeRun } from "../../../helpers/stored-run.ts";

const HOUR_MS = 3_600_000;

/** A call of each of two groups. */
async function callBoth(store: Store, run: string): Promise<void> {
  for (const job of await store.claim(run, queueOf(), 2)) {
    await store.record(endingOf(job, "succeeded", { outcome: { costNanoUsd: 1 } }));
  }
}

test("a run of weeks keeps as many records of its spend as one of two days", async () => {
  const rig = new SqliteRig();
  const store = await rig.open();
  const rows = Array.from({ length: 400 }, (_, at) => importRow(at + 1, { group: at % 2 ? "a" : "b" }));
  const { id } = await storeRun(store, rows);
  const db = new (loadDriver())(rig.path, { readonly: true });
  const records = db.prepare("SELECT count(*) FROM spend").pluck();
  const counts: unknown[] = [];
  for (let hour = 0; hour < 200; hour += 1) {
    await callBoth(store, id);
    counts.push(records.get());
    rig.clock.advance(HOUR_MS);
  }
  db.close();
  expect(counts[1]).toBe(4);
  expect(counts[199]).toBe(counts[60]);
});

test("the spend of deleted runs is forgotten after two days", async () => {
  const rig = new SqliteRig();
  const store = await rig.open();
  const gone = await storeRun(store, [importRow(1, { group: "a" }), importRow(2, { group: "b" })]);
  const kept = await storeRun(store, 4, { fingerprint: "kept" });
  await callBoth(store, gone.id);
  await store.removeRun(gone.id);
  rig.clock.advance(49 * HOUR_MS);
  await callBoth(store, kept.id);
  const db = new (loadDriver())(rig.path, { readonly: true });
  const runs = db.prepare("SELECT DISTINCT run FROM spend").pluck().all();
  db.close();
  expect(runs).toEqual([2]);
});
