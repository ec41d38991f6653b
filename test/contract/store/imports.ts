import { describe, expect, test } from "vitest";
import {
  allRows,
  importRow,
  importRows,
  newRun,
  queueOf,
  SOURCE,
  storeRun,
} from "../../helpers/stored-run.ts";
import type { NewStoreRig } from "./store-rig.ts";

const MEGABYTE = (at: number): string =>
  `{"prompt":"${String(at)
    .padStart(8, "0")
    .repeat(128 * 1024)}"}`;

export function describeImports(newRig: NewStoreRig): void {
  describe("importing", () => {
    test("keeps rows in their order over several batches and inputs, with the ids they were given", async () => {
      const store = await newRig().open();
      const target = await store.beginImport(newRun());
      await target.append(0, importRows(250));
      await target.append(0, [importRow(251, { key: "given" })]);
      await target.append(1, [importRow(1)]);
      const run = await target.finish([SOURCE, { ...SOURCE, path: "more.jsonl" }]);
      const rows = await allRows(store, run.id);
      expect(rows).toHaveLength(252);
      expect(rows.map(({ key }) => key).slice(248)).toEqual(["row-249", "row-250", "given", "row-252"]);
      expect(rows.map(({ source }) => source).slice(248)).toEqual([0, 0, 0, 1]);
      expect(rows[99]).toMatchObject({ row: '{"prompt":"100"}', state: "pending", attempts: 0 });
    });

    test("appends that were not waited for keep their order", async () => {
      const store = await newRig().open();
      const target = await store.beginImport(newRun());
      await Promise.all([target.append(0, importRows(3)), target.append(1, [importRow(1)])]);
      const run = await target.finish([SOURCE]);
      expect((await allRows(store, run.id)).map(({ source }) => source)).toEqual([0, 0, 0, 1]);
    });

    test("ids and rows of any characters come back as they went in", async () => {
      const store = await newRig().open();
      const keys = ["\t", "\n", "\r", "\\", "\\N", "\\t", "a\tb\\\n", "\0", "\u001A0", "é\u{1F600}"];
      const rows = keys.map((key, at) =>
        importRow(at + 1, { key, row: `{\t"prompt":\r\n${JSON.stringify(key)},"raw":"${key}"}` }),
      );
      const run = await storeRun(store, rows);
      const stored = (await allRows(store, run.id)).map(({ key, row }) => ({ key, row }));
      expect(stored).toEqual(rows.map(({ key, row }) => ({ key, row })));
    });

    test("rows of many megabytes that were not waited for come back whole", async () => {
      const store = await newRig().open();
      const target = await store.beginImport(newRun());
      const rows = Array.from({ length: 24 }, (_, at) => importRow(at + 1, { row: MEGABYTE(at) }));
      await Promise.all([0, 8, 16].map((at) => target.append(0, rows.slice(at, at + 8))));
      const run = await target.finish([SOURCE]);
      const stored = (await allRows(store, run.id)).map(({ row }) => row);
      expect(stored.every((row, at) => row === rows[at]!.row)).toBe(true);
      expect(stored).toHaveLength(rows.length);
    });

    test("a bad row becomes a failed job that is never sent", async () => {
      const store = await newRig().open();
      const error = { code: "EMPTY_PROMPT", message: "prompt is empty" };
      const run = await storeRun(store, [importRow(1), importRow(2, { error }), importRow(3)]);
      const rows = await allRows(store, run.id);
      expect(rows[1]).toMatchObject({
        state: "failed",
        errorCode: "EMPTY_PROMPT",
        errorMessage: "prompt is empty",
      });
      expect((await store.claim(run.id, queueOf(), 10)).map(({ key }) => key)).toEqual(["row-1", "row-3"]);
      expect(await store.retry(run.id, {})).toBe(0);
      expect((await store.figures(run.id)).failures).toEqual([
        { code: "EMPTY_PROMPT", count: 1, example: { id: "row-2", message: "prompt is empty" } },
      ]);
    });

    test("a run of bad rows alone names no model", async () => {
      const store = await newRig().open();
      const error = { code: "EMPTY_PROMPT", message: "" };
      const run = await storeRun(store, [importRow(1, { error })]);
      expect(await store.models(run.id)).toEqual([]);
      expect(await store.finishRun(run.id)).toBe(true);
    });

    test.each([
      ["in one batch", [["a", "b", "a"]], /"a".*line 1 .*line 3/],
      ["in two batches", [["a", "b"], ["b"]], /"b".*line 2 .*line 3/],
      [
        "after 100 rows",
        [[...Array.from({ length: 150 }, (_, at) => `k${at}`), "k7"]],
        /"k7".*line 8 .*line 151/,
      ],
    ])("an id used twice %s is refused, naming both lines", async (_, batches, message) => {
      const store = await newRig().open();
      const target = await store.beginImport(newRun());
      let line = 0;
      const append = async (keys: readonly string[]): Promise<void> =>
        target.append(
          0,
          keys.map((key) => importRow(++line, { key })),
        );
      for (const keys of batches.slice(0, -1)) await append(keys);
      await expect(append(batches.at(-1)!)).rejects.toMatchObject({ code: "DUPLICATE_ID", message });
    });

    test("an id used in two batches that were not waited for is refused, whatever comes after it", async () => {
      const store = await newRig().open();
      const target = await store.beginImport(newRun());
      const rows = Array.from({ length: 24 }, (_, at) => importRow(at + 1, { row: MEGABYTE(at) }));
      rows[2]!.key = rows[9]!.key = "a\t\\N\0";
      const appended = Promise.all([0, 8, 16].map((at) => target.append(0, rows.slice(at, at + 8))));
      await expect(appended).rejects.toMatchObject({
        code: "DUPLICATE_ID",
        message: expect.stringMatching(/"a\\t\\\\N\\u0000" stands on line 3 and again on line 10/),
      });
      await target.discard();
      expect(await store.listRuns()).toEqual([]);
    });

    test("an id used in two inputs is refused, naming both of them", async () => {
      const target = await (await newRig().open()).beginImport(newRun());
      await target.append(0, [importRow(4, { key: "a" })]);
      await expect(target.append(1, [importRow(9, { key: "a" })])).rejects.toMatchObject({
        code: "DUPLICATE_ID",
        message: expect.stringMatching(/line 4 of input 1.*line 9 of input 2/),
      });
    });

    test.each([
      ["before", [importRow(10, { key: "row-3" }), importRow(20), importRow(30)], /line 10.*line 30/],
      ["after", [importRow(10), importRow(20), importRow(30, { key: "row-1" })], /line 10.*line 30/],
    ])("a given id that is also the id of a row without one is refused, %s it", async (_, rows, message) => {
      const store = await newRig().open();
      await expect(storeRun(store, rows)).rejects.toMatchObject({ code: "DUPLICATE_ID", message });
    });

    test("given ids that only look like those of other rows are taken", async () => {
      const store = await newRig().open();
      const keys = ["row-9", null, "row-03", "row-0", "row-99999999999999999999", "row-4x", "row-1"];
      const rows = keys.map((key, at) => importRow(at + 1, { key }));
      const run = await storeRun(store, rows);
      expect(await allRows(store, run.id)).toHaveLength(keys.length);
    });

    test("the same ids may be used in another run", async () => {
      const store = await newRig().open();
      await storeRun(store, [importRow(1, { key: "a" })]);
      const run = await storeRun(store, [importRow(1, { key: "a" })]);
      expect((await store.job(run.id, "a"))?.key).toBe("a");
    });

    test("a run being imported can't be found or drained by anybody", async () => {
      const rig = newRig();
      const [store, other] = [await rig.open(), await rig.open()];
      const target = await store.beginImport(newRun());
      await target.append(0, importRows(3));
      const [importing] = await other.listRuns();
      expect(importing?.state).toBe("importing");
      for (const by of ["latest", "latest-unfinished", { fingerprint: "f" }] as const)
        expect(await other.findRun(by)).toBeNull();
      expect(await other.claim(importing!.id, queueOf(), 10)).toEqual([]);
      expect(await other.finishRun(importing!.id)).toBe(false);
    });

    test("the same input can't be imported twice at a time", async () => {
      const rig = newRig();
      const [store, other] = [await rig.open(), await rig.open()];
      const target = await store.beginImport(newRun());
      await expect(other.beginImport(newRun())).rejects.toMatchObject({ code: "RUN_BEING_IMPORTED" });
      await other.beginImport(newRun({ fingerprint: "another" }));
      await target.discard();
      await expect(other.beginImport(newRun())).resolves.toBeDefined();
    });

    test("a run that wasn't there a moment ago isn't made twice, but where that is wanted", async () => {
      const rig = newRig();
      const [store, other] = [await rig.open(), await rig.open()];
      const run = newRun({ mayRepeat: false });
      expect(await other.findRun({ fingerprint: run.fingerprint })).toBeNull();
      const { id } = await storeRun(store, 1, run);
      await expect(other.beginImport(run)).rejects.toMatchObject({
        code: "RUN_BEING_IMPORTED",
        message: expect.stringContaining(id),
      });
      await expect(other.beginImport({ ...run, mayRepeat: true })).resolves.toBeDefined();
    });

    test("discarding leaves no trace", async () => {
      const store = await newRig().open();
      const target = await store.beginImport(newRun());
      await target.append(0, importRows(3));
      await target.discard();
      expect(await store.listRuns()).toEqual([]);
    });

    test("a half-imported run whose process has gone is dropped by the next one, a living one's is not", async () => {
      const rig = newRig();
      const [gone, living] = [await rig.open(), await rig.open()];
      await (await gone.beginImport(newRun({ fingerprint: "gone" }))).append(0, importRows(3));
      const target = await living.beginImport(newRun({ fingerprint: "living" }));
      await target.append(0, importRows(3));
      await gone.close();
      const next = await rig.open();
      await next.rescue();
      expect((await next.listRuns()).map(({ fingerprint }) => fingerprint)).toEqual(["living"]);
      expect((await target.finish([SOURCE])).state).toBe("open");
    });
  });
}
