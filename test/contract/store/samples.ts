import { describe, expect, test } from "vitest";
import { JOB_STATES } from "../../../src/domain/job.ts";
import type { ImportRow } from "../../../src/ports/import.ts";
import type { Store } from "../../../src/ports/store.ts";
import { requestSettings } from "../../helpers/request-settings.ts";
import { allRows, endingOf, importRow, queueOf, storeRun } from "../../helpers/stored-run.ts";
import type { NewStoreRig } from "./store-rig.ts";

async function sampledRun(store: Store, rows: number | readonly ImportRow[], samples = 3): Promise<string> {
  const { id } = await storeRun(store, rows, { request: requestSettings({ samples }) });
  return id;
}

const unsound = async (store: Store) => (await store.verify()).filter(({ verdict }) => verdict !== "ok");

export function describeSamples(newRig: NewStoreRig): void {
  describe("several samples of each row", () => {
    test("are jobs of their own, claimed and read row by row in the order of the input", async () => {
      const store = await newRig().open();
      const rows = [importRow(1, { key: "a" }), importRow(2, { model: "b" }), importRow(3)];
      const id = await sampledRun(store, rows);
      const wanted = ["a", "row-2", "row-3"].flatMap((key) => [1, 2, 3].map((sample) => ({ key, sample })));
      expect(await allRows(store, id)).toMatchObject(wanted);
      expect(await store.claim(id, queueOf(), 9)).toMatchObject(
        ["a", "a", "a", "row-3", "row-3", "row-3"].map((key) => ({ key, attempt: 1 })),
      );
      expect((await store.figures(id)).jobs).toMatchObject({ total: 9, pending: 3, running: 6 });
      expect(await unsound(store)).toEqual([]);
    });

    test("their jobs' numbers follow the input: (row - 1) * samples + sample", async () => {
      const store = await newRig().open();
      const rows = await allRows(store, await sampledRun(store, 250, 4));
      const first = rows[0]!.id;
      expect(rows.map(({ id }) => id - first)).toEqual(rows.map((_, at) => at));
      expect(rows.at(-1)).toMatchObject({ key: "row-250", sample: 4 });
    });

    test("each has its own result", async () => {
      const store = await newRig().open();
      const id = await sampledRun(store, 2, 2);
      const jobs = await store.claim(id, queueOf(), 3);
      await store.record(endingOf(jobs[0]!, "succeeded"));
      await store.record(endingOf(jobs[1]!, "rejected"));
      const states = (await allRows(store, id)).map(({ state }) => state);
      expect(states).toEqual(["succeeded", "failed", "running", "pending"]);
      expect(await unsound(store)).toEqual([]);
    });

    test("pages may begin between them", async () => {
      const store = await newRig().open();
      const id = await sampledRun(store, 2, 3);
      const [, second] = await allRows(store, id);
      const page = await store.page(id, { after: second!.id, limit: 2, states: JOB_STATES, raw: false });
      expect(page).toMatchObject([
        { key: "row-1", sample: 3 },
        { key: "row-2", sample: 1 },
      ]);
    });

    test("one is found as id#number, the first also by the id alone, and a row's very own id goes first", async () => {
      const store = await newRig().open();
      const id = await sampledRun(store, [
        importRow(1, { key: "q" }),
        importRow(2, { key: "q#2" }),
        importRow(3),
      ]);
      const found = async (key: string) => {
        const job = await store.job(id, key);
        return job && `${job.key} ${job.sample}`;
      };
      expect(await found("q")).toBe("q 1");
      expect(await found("q#1")).toBe("q 1");
      expect(await found("q#3")).toBe("q 3");
      expect(await found("q#2")).toBe("q#2 1");
      expect(await found("q#2#2")).toBe("q#2 2");
      expect(await found("row-3#2")).toBe("row-3 2");
      for (const key of ["q#4", "q#0", "q#02", "q#", "#1", "row-1#1"]) expect(await found(key)).toBeNull();
    });

    test("a run of one answer a row knows no numbered ones", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, 1);
      expect(await store.job(id, "row-1#1")).toBeNull();
    });

    test.each([
      ["all of a row by its id", "row-1", 2],
      ["one by its number", "row-1#2", 1],
      ["none of a row that has none", "row-2", 0],
    ])("failed ones are put back: %s", async (_, key, count) => {
      const store = await newRig().open();
      const id = await sampledRun(store, 2, 2);
      const jobs = await store.claim(id, queueOf(), 2);
      for (const job of jobs) await store.record(endingOf(job, "rejected"));
      expect(await store.retry(id, { key })).toBe(count);
      expect((await store.figures(id)).jobs).toMatchObject({ pending: 2 + count, failed: 2 - count });
    });

    test("an example of a failure is named so that it can be shown", async () => {
      const store = await newRig().open();
      const id = await sampledRun(store, 1, 2);
      const [, second] = await store.claim(id, queueOf(), 2);
      await store.record(endingOf(second!, "rejected", { outcome: { code: "bad" } }));
      const [failure] = (await store.figures(id)).failures;
      expect(failure).toMatchObject({ code: "bad", example: { id: "row-1#2" } });
      expect(await store.job(id, failure!.example!.id)).toMatchObject({ state: "failed", sample: 2 });
    });

    test("a bad row fails as often as it would have been asked", async () => {
      const store = await newRig().open();
      const error = { code: "EMPTY_PROMPT", message: "prompt is empty" };
      const id = await sampledRun(store, [importRow(1), importRow(2, { error })], 2);
      expect((await store.figures(id)).failures).toMatchObject([{ code: "EMPTY_PROMPT", count: 2 }]);
      expect(await allRows(store, id)).toMatchObject([
        { state: "pending" },
        { state: "pending" },
        { state: "failed", sample: 1 },
        { state: "failed", sample: 2 },
      ]);
      expect(await unsound(store)).toEqual([]);
    });

    test("a run of them is removed whole", async () => {
      const store = await newRig().open();
      const kept = await sampledRun(store, 3);
      const removed = await sampledRun(store, 15_000, 2);
      const [job] = await store.claim(removed, queueOf(), 1);
      await store.record(endingOf(job!, "succeeded"));
      await store.removeRun(removed);
      expect((await store.listRuns()).map(({ id }) => id)).toEqual([kept]);
      expect(await allRows(store, kept)).toHaveLength(9);
      expect(await unsound(store)).toEqual([]);
    });
  });
}
