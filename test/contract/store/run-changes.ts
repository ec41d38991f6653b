import { describe, expect, test } from "vitest";
import type { Store } from "../../../src/ports/store.ts";
import { allRows, endingOf, queueOf, storeRun } from "../../helpers/stored-run.ts";
import type { NewStoreRig } from "./store-rig.ts";

/** A run of three: succeeded, failed with `code`, and failed with `other`. */
async function mixedRun(store: Store): Promise<string> {
  const { id } = await storeRun(store, 3);
  const [one, two, three] = await store.claim(id, queueOf(), 3);
  await Promise.all([
    store.record(endingOf(one!, "succeeded")),
    store.record(endingOf(two!, "rejected", { outcome: { code: "code" } })),
    store.record(endingOf(three!, "rejected", { outcome: { code: "other" } })),
  ]);
  return id;
}

export function describeRunChanges(newRig: NewStoreRig): void {
  describe("a run's end", () => {
    test("it is finished once nothing is pending or running, and not before", async () => {
      const rig = newRig();
      const store = await rig.open();
      const { id } = await storeRun(store, 1);
      expect(await store.finishRun(id)).toBe(false);
      const [job] = await store.claim(id, queueOf(), 1);
      expect(await store.finishRun(id)).toBe(false);
      const [, finished] = await Promise.all([
        store.record(endingOf(job!, "succeeded")),
        store.finishRun(id),
      ]);
      expect(finished || (await store.finishRun(id))).toBe(true);
      expect(await store.findRun({ id })).toMatchObject({ state: "finished", finishedAt: rig.clock.wall() });
    });

    test("cancelling takes what is pending and running; a late result changes nothing", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, 3);
      const [one, two] = await store.claim(id, queueOf(), 2);
      await store.record(endingOf(one!, "succeeded"));
      expect(await store.cancel(id)).toBe(2);
      expect(await store.cancel(id)).toBe(0);
      expect(await store.record(endingOf(two!, "succeeded", { outcome: { raw: "paid" } }))).toBe(
        "superseded",
      );
      expect((await allRows(store, id)).map(({ state }) => state)).toEqual([
        "succeeded",
        "cancelled",
        "cancelled",
      ]);
      expect(await store.claim(id, queueOf(), 10)).toEqual([]);
      expect(await store.finishRun(id)).toBe(true);
      expect((await store.findRun({ id }))?.state).toBe("cancelled");
    });

    test.each([
      ["all", {}, ["row-2", "row-3"]],
      ["those of a code", { code: "other" }, ["row-3"]],
      ["one", { key: "row-2" }, ["row-2"]],
      ["one if it has that code", { key: "row-2", code: "other" }, []],
      ["none that succeeded", { key: "row-1" }, []],
      ["none that isn't there", { key: "row-9" }, []],
    ])("failed jobs are put back: %s", async (_, filter, keys) => {
      const store = await newRig().open();
      const id = await mixedRun(store);
      await store.finishRun(id);
      expect(await store.retry(id, filter)).toBe(keys.length);
      const jobs = await store.claim(id, queueOf(), 10);
      expect(jobs.map(({ key }) => key)).toEqual(keys);
      for (const job of jobs) expect(job).toMatchObject({ attempt: 2, failures: 0 });
      expect((await store.findRun({ id }))?.state).toBe(keys.length > 0 ? "open" : "finished");
      expect((await store.figures(id)).jobs).toMatchObject({ running: keys.length, failed: 2 - keys.length });
    });

    test("a removed run is gone, and the others are whole", async () => {
      const rig = newRig();
      const store = await rig.open();
      const kept = await mixedRun(store);
      const removed = await mixedRun(store);
      await store.removeRun(removed);
      expect((await store.listRuns()).map(({ id }) => id)).toEqual([kept]);
      await expect(store.page(removed, { after: 0, limit: 1, states: [], raw: false })).rejects.toMatchObject(
        {
          code: "RUN_NOT_FOUND",
        },
      );
      expect(await allRows(store, kept)).toHaveLength(3);
      const next = await storeRun(store, 1);
      expect(await allRows(store, next.id)).toHaveLength(1);
    });

    test("a run that a living process works on is not removed", async () => {
      const rig = newRig();
      const [store, other] = [await rig.open(), await rig.open()];
      const { id } = await storeRun(store, 1);
      expect(await store.isWorkedOn(id)).toBe(false);
      expect(await other.isWorkedOn(id)).toBe(true);
      await expect(other.removeRun(id)).rejects.toMatchObject({ code: "RUN_IN_USE" });
      await store.close();
      expect(await other.isWorkedOn(id)).toBe(false);
      await other.removeRun(id);
      expect(await other.listRuns()).toEqual([]);
    });
  });
}
