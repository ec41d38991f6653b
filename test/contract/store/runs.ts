import { describe, expect, test } from "vitest";
import { importRow, newRun, SOURCE, storeRun } from "../../helpers/stored-run.ts";
import type { NewStoreRig } from "./store-rig.ts";

export function describeRuns(newRig: NewStoreRig): void {
  describe("finding runs", () => {
    test("a run is read back as it was written", async () => {
      const rig = newRig();
      const store = await rig.open();
      const wanted = newRun({ options: { rpm: 60 }, output: "out.jsonl" });
      const run = await storeRun(store, 1, wanted);
      const { sharing: _, mayRepeat: __, ...stored } = wanted;
      expect(run).toEqual({
        ...stored,
        id: expect.stringMatching(/^r_[a-z0-9]{8}$/),
        state: "open",
        sources: [SOURCE],
        written: null,
        createdAt: rig.clock.wall(),
        finishedAt: null,
      });
      expect(await store.findRun({ id: run.id })).toEqual(run);
      expect(await store.listRuns()).toEqual([run]);
    });

    test("finds the newest that fits, by fingerprint, by the path of its first input, or as the latest", async () => {
      const store = await newRig().open();
      const first = await storeRun(store, 1, { fingerprint: "a" });
      const second = await storeRun(store, 1, { fingerprint: "a" });
      const third = await storeRun(store, 1, { fingerprint: "b" });
      expect((await store.findRun({ fingerprint: "a" }))?.id).toBe(second.id);
      expect((await store.findRun({ path: SOURCE.path }))?.id).toBe(third.id);
      expect((await store.findRun("latest"))?.id).toBe(third.id);
      await store.cancel(third.id);
      expect((await store.findRun("latest-unfinished"))?.id).toBe(second.id);
      expect((await store.listRuns()).map(({ id }) => id)).toEqual([third.id, second.id, first.id]);
    });

    test("nothing is found in an empty table", async () => {
      const store = await newRig().open();
      expect(await store.findRun("latest")).toBeNull();
      expect(await store.findRun({ id: "r_00000000" })).toBeNull();
      await expect(store.figures("r_00000000")).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
    });

    test("a continued run's options, and the file that was written, are kept", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, 1);
      await store.updateOptions(id, { rpm: 10 }, "new.jsonl");
      await store.noteWritten(id, "/tmp/new.jsonl");
      const run = await store.findRun({ id });
      expect(run).toMatchObject({ options: { rpm: 10 }, output: "new.jsonl", written: "/tmp/new.jsonl" });
    });

    test("names the models that rows name, in the order of their first row", async () => {
      const store = await newRig().open();
      const rows = ["b", null, "a", "b"].map((model, at) => importRow(at + 1, { model }));
      const { id } = await storeRun(store, rows);
      expect(await store.models(id)).toEqual(["b", null, "a"]);
    });
  });
}
