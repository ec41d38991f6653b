import { describe, expect, test } from "vitest";
import { JOB_STATES } from "../../../src/domain/job.ts";
import { endingOf, importRow, queueOf, storeRun } from "../../helpers/stored-run.ts";
import type { NewStoreRig } from "./store-rig.ts";

export function describeResults(newRig: NewStoreRig): void {
  describe("reading results", () => {
    test("pages follow each other in input order, and stay within the run", async () => {
      const store = await newRig().open();
      await storeRun(store, 5);
      const { id } = await storeRun(store, 7);
      await storeRun(store, 5);
      const keys: string[] = [];
      for (let after = 0; ; ) {
        const rows = await store.page(id, { after, limit: 3, states: JOB_STATES, raw: false });
        if (rows.length === 0) break;
        keys.push(...rows.map(({ key }) => key));
        after = rows.at(-1)!.id;
      }
      expect(keys).toEqual([1, 2, 3, 4, 5, 6, 7].map((number) => `row-${number}`));
    });

    test("a page ends before the row that would be too much text, and holds one in any case", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, 4);
      for (const job of await store.claim(id, queueOf(), 4))
        await store.record(endingOf(job, "succeeded", { outcome: { raw: "x".repeat(100) } }));
      const page = async (maxCharacters: number, raw: boolean) =>
        (await store.page(id, { after: 0, limit: 9, maxCharacters, states: JOB_STATES, raw })).length;
      const { length } = '{"prompt":"1"}"yes"';
      expect(await page(3 * length, false)).toBe(3);
      expect(await page(3 * length - 1, false)).toBe(2);
      expect(await page(3 * length, true)).toBe(1);
      expect(await page(2 * (length + 100), true)).toBe(2);
    });

    test("a page holds the wanted states, and replies only when asked for", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, 4);
      const [one, two, three] = await store.claim(id, queueOf(), 3);
      await store.record(endingOf(one!, "succeeded", { outcome: { raw: "one" } }));
      await store.record(endingOf(two!, "rejected", { outcome: { raw: "two" } }));
      await store.record(endingOf(three!, "transient", { outcome: { raw: "three" } }));
      const page = (raw: boolean) =>
        store.page(id, { after: 0, limit: 9, states: ["succeeded", "failed", "pending"], raw });
      expect((await page(true)).map(({ raw }) => raw)).toEqual(["one", "two", null, null]);
      expect((await page(false)).map(({ raw }) => raw)).toEqual([null, null, null, null]);
      const failed = await store.page(id, { after: 0, limit: 9, states: ["failed"], raw: false });
      expect(failed.map(({ key }) => key)).toEqual(["row-2"]);
      expect(await store.page(id, { after: 0, limit: 9, states: ["cancelled"], raw: false })).toEqual([]);
    });

    test("a job is found by the id it was given, or by its number where it has none", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, [
        importRow(1, { key: "q-1" }),
        importRow(2),
        importRow(3, { key: "row-1" }),
      ]);
      const found = async (key: string) => (await store.job(id, key))?.row ?? null;
      expect(await found("q-1")).toBe('{"prompt":"1"}');
      expect(await found("row-2")).toBe('{"prompt":"2"}');
      expect(await found("row-1")).toBe('{"prompt":"3"}');
      for (const key of ["row-3", "row-02", "row-4", "q-2", ""]) expect(await found(key)).toBeNull();
    });
  });
}
