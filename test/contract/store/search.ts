import { describe, expect, test } from "vitest";
import { JOB_STATES, type JobState } from "../../../src/domain/job.ts";
import type { SearchQuery } from "../../../src/ports/results.ts";
import type { Store } from "../../../src/ports/store.ts";
import { answerOf } from "../../helpers/answer.ts";
import { endingOf, importRow, queueOf, storeRun } from "../../helpers/stored-run.ts";
import type { NewStoreRig } from "./store-rig.ts";

const EVERYTHING: SearchQuery = {
  after: 0,
  limit: 100,
  span: 100,
  states: JOB_STATES,
  code: null,
  text: null,
};

export function describeSearch(newRig: NewStoreRig): void {
  describe("looking for rows", () => {
    test("they are found by their id, text, answer, state and code", async () => {
      const store = await newRig().open();
      await storeRun(store, 2);
      const { id } = await storeRun(store, [
        importRow(1, { key: "Alpha" }),
        importRow(2, { row: '{"prompt":"say \\"Hi\\"\\n100% _sure_"}' }),
        importRow(3),
      ]);
      const [one, two] = await store.claim(id, queueOf(), 2);
      await store.record(
        endingOf(one!, "succeeded", { outcome: { answer: answerOf({ output: '"Beta"' }) } }),
      );
      await store.record(endingOf(two!, "rejected", { outcome: { code: "too_long" } }));
      const found = async (wanted: Partial<SearchQuery>) =>
        (await store.search(id, { ...EVERYTHING, ...wanted })).rows.map(({ key }) => key);
      expect(await found({})).toEqual(["Alpha", "row-2", "row-3"]);
      expect(await found({ text: "ALPHA" })).toEqual(["Alpha"]);
      expect(await found({ text: "beta" })).toEqual(["Alpha"]);
      expect(await found({ text: "ROW-" })).toEqual(["row-2", "row-3"]);
      expect(await found({ text: 'say "hi"\n' })).toEqual(["row-2"]);
      expect(await found({ text: "0%_" })).toEqual([]);
      expect(await found({ text: "100% _" })).toEqual(["row-2"]);
      expect(await found({ states: ["failed"] })).toEqual(["row-2"]);
      expect(await found({ code: "too_long" })).toEqual(["row-2"]);
      expect(await found({ code: "too_long", states: ["succeeded"] })).toEqual([]);
    });

    test.each([
      { span: 2, limit: 100 },
      { span: 100, limit: 1 },
      { span: 3, limit: 2 },
      { span: 100, limit: 100, maxCharacters: 20 },
    ])("a search in stretches of %j finds what one search finds, and comes to an end", async (portion) => {
      const store = await newRig().open();
      const { id } = await storeRun(store, 7);
      await storeRun(store, 3);
      expect(await inStretches(store, id, { ...EVERYTHING, ...portion })).toEqual(
        [1, 2, 3, 4, 5, 6, 7].map((number) => `row-${number}`),
      );
      expect(await inStretches(store, id, { ...EVERYTHING, ...portion, text: "row-6" })).toEqual(["row-6"]);
    });
  });

  describe("the outline of a run", () => {
    test("has every row in input order, with what its answer took", async () => {
      const store = await newRig().open();
      await storeRun(store, 1);
      const { id } = await storeRun(store, 3);
      const [one] = await store.claim(id, queueOf(), 1);
      await store.record(endingOf(one!, "succeeded", { outcome: { costNanoUsd: 500_000_000 } }));
      const rows = await store.outline(id, 0, 2);
      expect(rows.map(({ state, latencyMs, costUsd }) => [state, latencyMs, costUsd])).toEqual([
        ["succeeded", 20, 0.5],
        ["pending", null, null],
      ]);
      const rest = await store.outline(id, rows.at(-1)!.id, 9);
      expect(rest.map(({ state }) => state)).toEqual(["pending"] satisfies JobState[]);
    });

    test("leads to its jobs by their numbers, and to no other run's", async () => {
      const store = await newRig().open();
      const other = await storeRun(store, 1);
      const { id } = await storeRun(store, 2);
      const [, second] = await store.outline(id, 0, 2);
      expect((await store.job(id, second!.id))?.key).toBe("row-2");
      expect(await store.job(other.id, second!.id)).toBeNull();
      expect(await store.job(id, second!.id + 1)).toBeNull();
    });

    test("puts one failed job back by its number", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, 2);
      for (const job of await store.claim(id, queueOf(), 2)) await store.record(endingOf(job, "rejected"));
      const [, second] = await store.outline(id, 0, 2);
      expect(await store.retry(id, { key: second!.id })).toBe(1);
      expect((await store.outline(id, 0, 2)).map(({ state }) => state)).toEqual(["failed", "pending"]);
    });
  });
}

async function inStretches(store: Store, run: string, query: SearchQuery): Promise<string[]> {
  const keys: string[] = [];
  let after: number | null = 0;
  while (after !== null) {
    const found = await store.search(run, { ...query, after });
    keys.push(...found.rows.map(({ key }) => key));
    after = found.next;
  }
  return keys;
}
