import { expect, test } from "vitest";
import { loadDriver } from "../../../../src/store/sqlite/driver.ts";
import { SqliteRig } from "../../../helpers/sqlite-rig.ts";
import { endingOf, queueOf, storeRun } from "../../../helpers/stored-run.ts";

test("the tallies of a run of hours are no more than those of one of minutes", async () => {
  const rig = new SqliteRig();
  const store = await rig.open();
  const { id } = await storeRun(store, 1);
  const db = new (loadDriver())(rig.path, { readonly: true });
  const names = db.prepare("SELECT count(*) FROM tallies").pluck();
  const counts: unknown[] = [];
  for (let minute = 0; minute < 20; minute++) {
    const [job] = await store.claim(id, queueOf(), 1);
    await store.record(endingOf(job!, "throttled", { timing: { slotFreeAt: rig.clock.now() } }));
    counts.push(names.get());
    rig.clock.advance(60_000);
  }
  db.close();
  expect(counts[19]).toBe(counts[2]);
});
