import { describe, expect, test } from "vitest";
import type { ImportRow, NewRun } from "../../../src/ports/import.ts";
import type { Store } from "../../../src/ports/store.ts";
import { answerOf } from "../../helpers/answer.ts";
import { requestSettings } from "../../helpers/request-settings.ts";
import { allRows, endingOf, hashed, hashOf, importRow, queueOf, storeRun } from "../../helpers/stored-run.ts";
import type { NewStoreRig } from "./store-rig.ts";

const REUSE: Partial<NewRun> = { sharing: { dedupe: false, reuse: true } };
const rowsOf = (letters: string): ImportRow[] => [...letters].map((letter, at) => hashed(at + 1, letter));
const unsound = async (store: Store) => (await store.verify()).filter(({ verdict }) => verdict !== "ok");

/** A run whose every job is answered, each with an output that names the run's `name` and the row. */
async function answered(
  store: Store,
  name: string,
  rows: readonly ImportRow[],
  wanted: Partial<NewRun> = {},
) {
  const { id } = await storeRun(store, rows, wanted);
  for (const job of await store.claim(id, queueOf(), 99)) {
    const answer = answerOf({ output: `"${name} ${job.key}"`, serviceTier: "flex" });
    await store.record(endingOf(job, "succeeded", { outcome: { raw: `raw ${name}`, answer } }));
  }
  return id;
}

export function describeReuse(newRig: NewStoreRig): void {
  describe("answers of earlier runs", () => {
    test("are taken over by identical requests, whole and at no cost, and nothing is sent for those", async () => {
      const store = await newRig().open();
      const early = await answered(store, "early", rowsOf("ab"));
      const { id } = await storeRun(store, rowsOf("bc"), REUSE);
      expect(await store.claim(id, queueOf(), 9)).toMatchObject([{ key: "row-2" }]);
      expect((await allRows(store, id))[0]).toMatchObject({
        key: "row-1",
        state: "succeeded",
        row: '{"prompt":"1"}',
        output: '"early row-2"',
        raw: "raw early",
        model: "m",
        serviceTier: "flex",
        provider: "sim",
        httpStatus: 200,
        attempts: 0,
        inputTokens: 0,
        outputTokens: 0,
        costUsd: 0,
        latencyMs: null,
        answeredBy: { run: early, key: "row-2", sample: 1 },
      });
      expect(await store.job(id, "row-1")).toMatchObject({ state: "succeeded", history: [] });
      const { jobs, shared, attempts, tokens } = await store.figures(id);
      expect(jobs).toMatchObject({ total: 2, succeeded: 1, running: 1 });
      expect(shared).toEqual({ dedupe: 0, reuse: 1 });
      expect(attempts.total + tokens.input).toBe(0);
      expect(await unsound(store)).toEqual([]);
    });

    test("a run that is answered whole is finished without a call", async () => {
      const store = await newRig().open();
      await answered(store, "early", rowsOf("a"));
      const { id } = await storeRun(store, rowsOf("aa"), REUSE);
      expect(await store.finishRun(id)).toBe(true);
    });

    test("are left alone where nobody asks for them", async () => {
      const store = await newRig().open();
      await answered(store, "early", rowsOf("a"));
      const { id } = await storeRun(store, rowsOf("a"));
      expect(await store.claim(id, queueOf(), 9)).toHaveLength(1);
    });

    test("the newest answer counts", async () => {
      const store = await newRig().open();
      await answered(store, "old", rowsOf("a"));
      await answered(store, "new", rowsOf("a"));
      const { id } = await storeRun(store, rowsOf("a"), REUSE);
      expect((await allRows(store, id))[0]?.output).toBe('"new row-1"');
    });

    test("what failed, or is under way, is no answer", async () => {
      const store = await newRig().open();
      const { id: early } = await storeRun(store, rowsOf("ab"));
      const [job] = await store.claim(early, queueOf(), 2);
      await store.record(endingOf(job!, "rejected"));
      const { id } = await storeRun(store, rowsOf("ab"), REUSE);
      expect(await store.claim(id, queueOf(), 9)).toHaveLength(2);
    });

    test("an answer taken over twice names the job whose call was made, also when that run is gone", async () => {
      const store = await newRig().open();
      const first = await answered(store, "first", [hashed(1, "a", { key: "odd \"#,'" })]);
      const second = await storeRun(store, rowsOf("a"), REUSE);
      await store.removeRun(first);
      const third = await storeRun(store, rowsOf("a"), REUSE);
      for (const { id } of [second, third])
        expect((await allRows(store, id))[0]).toMatchObject({
          output: '"first row-1"'.replace("row-1", "odd \"#,'"),
          answeredBy: { run: first, key: "odd \"#,'", sample: 1 },
        });
      expect(await unsound(store)).toEqual([]);
    });

    test("are taken over by twins as well, through the one they follow", async () => {
      const store = await newRig().open();
      const early = await answered(store, "early", rowsOf("a"));
      const both = { sharing: { dedupe: true, reuse: true } };
      const { id } = await storeRun(store, rowsOf("bab"), both);
      const later = await storeRun(store, rowsOf("aab"), both);
      expect((await store.figures(later.id)).jobs).toMatchObject({ succeeded: 2, pending: 1 });
      expect((await store.figures(later.id)).shared).toEqual({ dedupe: 1, reuse: 1 });
      const rows = await allRows(store, later.id);
      expect(rows.map(({ answeredBy }) => answeredBy?.run)).toEqual([early, early, undefined]);
      expect((await store.figures(id)).shared).toEqual({ dedupe: 1, reuse: 1 });
      expect(await unsound(store)).toEqual([]);
    });

    test("with samples, each takes over the same sample, and what has none is asked for", async () => {
      const store = await newRig().open();
      const two = { request: requestSettings({ samples: 2 }) };
      const early = await answered(store, "early", rowsOf("xab"), two);
      const { id } = await storeRun(store, rowsOf("a"), {
        ...REUSE,
        request: requestSettings({ samples: 3 }),
      });
      const rows = await allRows(store, id);
      expect(rows.map(({ state }) => state)).toEqual(["succeeded", "succeeded", "pending"]);
      expect(rows[1]?.answeredBy).toEqual({ run: early, key: "row-2", sample: 2 });
      const one = await storeRun(store, rowsOf("xxa"), REUSE);
      expect((await allRows(store, one.id)).map(({ answeredBy }) => answeredBy?.sample)).toEqual([1, 1, 1]);
    });

    test("of runs without hashes are found once those are filled in", async () => {
      const store = await newRig().open();
      const { id: early } = await storeRun(store, 5);
      const jobs = await store.claim(early, queueOf(), 4);
      for (const job of jobs.slice(0, 3)) await store.record(endingOf(job, "succeeded"));
      const [first] = await store.unhashed(early, 0, 1);
      const rest = await store.unhashed(early, first!.id, 9);
      expect([first, ...rest].map((row) => row?.row)).toEqual([1, 2, 3].map((n) => `{"prompt":"${n}"}`));
      await store.setHashes([{ id: rest[0]!.id, hash: hashOf("late") }]);
      expect(await store.unhashed(early, 0, 9)).toHaveLength(2);
      const { id } = await storeRun(store, [hashed(1, "late"), importRow(2)], REUSE);
      expect((await allRows(store, id))[0]?.answeredBy).toMatchObject({ run: early, key: "row-2" });
      expect(await unsound(store)).toEqual([]);
    });
  });
}
