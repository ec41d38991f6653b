import { describe, expect, test } from "vitest";
import type { Check } from "../../../../src/domain/check.ts";
import { loadDriver } from "../../../../src/store/sqlite/driver.ts";
import { openStoreReader } from "../../../../src/store/sqlite/open.ts";
import { requestSettings } from "../../../helpers/request-settings.ts";
import { SqliteRig } from "../../../helpers/sqlite-rig.ts";
import { endingOf, hashed, queueOf, storeRun } from "../../../helpers/stored-run.ts";

const FIRST = 2 ** 32 + 1;

/** Run 1: three rows of two samples, the third row twin of the first, whose first sample has succeeded; run 2 reuses that. */
async function shared(): Promise<SqliteRig> {
  const rig = new SqliteRig();
  const store = await rig.open();
  const sharing = { dedupe: true, reuse: true };
  const rows = ["a", "b", "a"].map((name, at) => hashed(at + 1, name));
  const { id } = await storeRun(store, rows, { sharing, request: requestSettings({ samples: 2 }) });
  const [job] = await store.claim(id, queueOf(), 1);
  await store.record(endingOf(job!, "succeeded"));
  await storeRun(store, rows, { sharing });
  await store.close();
  return rig;
}

async function wrong({ path, clock, random }: SqliteRig): Promise<Check[]> {
  const reader = await openStoreReader({ path, clock, random });
  const checks = await reader.verify();
  await reader.close();
  return checks.filter(({ verdict }) => verdict !== "ok");
}

describe("of samples and shared answers", () => {
  test("a sound database passes every check", async () => {
    expect(await wrong(await shared())).toEqual([]);
  });

  test.each([
    [
      "a missing sample",
      `DELETE FROM jobs WHERE id = ${FIRST + 3}`,
      "orphans",
      "1 rows without a job for each sample, e.g. r_",
    ],
    [
      "a sample under another's number",
      `UPDATE jobs SET sample = 1 WHERE id = ${FIRST + 3}`,
      "orphans",
      '"row-2"',
    ],
    [
      "a twin left behind",
      `UPDATE jobs SET state = 'pending' WHERE id = ${FIRST + 4}`,
      "states",
      "1 twins that are not where their leader is, e.g. r_",
    ],
    [
      "a twin that is sent",
      `UPDATE jobs SET lane = 1 WHERE id = ${FIRST + 5}`,
      "states",
      "1 twins that could be sent",
    ],
    [
      "a twin of a twin",
      `UPDATE jobs SET twin = ${FIRST + 4}, state = 'succeeded' WHERE id = ${FIRST + 5}`,
      "states",
      "1 twins of no job, or of another twin",
    ],
    [
      "a twin of nothing",
      `UPDATE jobs SET twin = 5 WHERE id = ${FIRST + 5}`,
      "states",
      "1 twins of no job, or of another twin, e.g. r_",
    ],
    [
      "a leader without its result",
      `DELETE FROM results WHERE job = ${FIRST}`,
      "states",
      "2 succeeded jobs without a result",
    ],
    [
      "a tally of twins that is wrong",
      "UPDATE tallies SET value = 9 WHERE run = 1 AND name = 'shared.dedupe'",
      "tallies",
      "shared.dedupe is 9, and the tables have 2",
    ],
    [
      "a tally of reused answers that is wrong",
      "DELETE FROM tallies WHERE name = 'shared.reuse'",
      "tallies",
      "shared.reuse is 0, and the tables have 1",
    ],
  ])("%s is found", async (_, sql, name, message) => {
    const rig = await shared();
    const db = new (loadDriver())(rig.path);
    db.pragma("foreign_keys = OFF");
    db.exec(sql);
    db.close();
    const check = (await wrong(rig)).find((candidate) => candidate.name === name);
    expect(check).toMatchObject({ verdict: "failed", message: expect.stringContaining(message) });
  });
});
