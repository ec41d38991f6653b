import { expect, test } from "vitest";
import { extremeRows } from "../../../src/report/sample.ts";
import { SqliteRig } from "../../helpers/sqlite-rig.ts";
import { storeRun } from "../../helpers/stored-run.ts";

/** More than are read at once. */
const ROWS = 5_001;

test("others have their turn while the rows of a large run are looked at", async () => {
  const store = await new SqliteRig().open();
  const run = await storeRun(store, ROWS);
  const others = new Promise((resolve) => setImmediate(resolve, "others"));
  const extremes = extremeRows(store, run).then(() => "extremes");
  expect(await Promise.race([extremes, others])).toBe("others");
  await extremes;
});
