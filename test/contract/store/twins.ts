import { describe, expect, test } from "vitest";
import { leftToSend } from "../../../src/observe/outlook.ts";
import type { ImportRow, NewRun } from "../../../src/ports/import.ts";
import type { Store } from "../../../src/ports/store.ts";
import { requestSettings } from "../../helpers/request-settings.ts";
import {
  allRows,
  endingOf,
  hashed,
  importRow,
  newRun,
  queueOf,
  SOURCE,
  storeRun,
} from "../../helpers/stored-run.ts";
import type { NewStoreRig } from "./store-rig.ts";

const DEDUPE: Partial<NewRun> = { sharing: { dedupe: true, reuse: false } };

/** Rows with the same letter are the same request. */
const rowsOf = (letters: string): ImportRow[] => [...letters].map((letter, at) => hashed(at + 1, letter));

async function twinRun(store: Store, letters: string, wanted: Partial<NewRun> = {}): Promise<string> {
  return (await storeRun(store, rowsOf(letters), { ...DEDUPE, ...wanted })).id;
}

const keys = (jobs: readonly { key: string }[]): string[] => jobs.map(({ key }) => key);
const statesOf = async (store: Store, run: string) => (await allRows(store, run)).map(({ state }) => state);
const unsound = async (store: Store) => (await store.verify()).filter(({ verdict }) => verdict !== "ok");

export function describeTwins(newRig: NewStoreRig): void {
  describe("identical requests of a run", () => {
    test("are sent once: only the first of them is ever claimed", async () => {
      const store = await newRig().open();
      const id = await twinRun(store, "abacb");
      expect(keys(await store.claim(id, queueOf(), 9))).toEqual(["row-1", "row-2", "row-4"]);
      const { jobs, shared } = await store.figures(id);
      expect(jobs).toMatchObject({ total: 5, running: 3, pending: 2 });
      expect(shared).toEqual({ dedupe: 2, reuse: 0 });
      expect(await store.nextAvailableAt(id, queueOf())).toBeNull();
      expect(await unsound(store)).toEqual([]);
    });

    test("are each sent where nobody asks for that", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, rowsOf("aa"));
      expect(await store.claim(id, queueOf(), 9)).toHaveLength(2);
    });

    test("are found over batches, and not in other runs", async () => {
      const store = await newRig().open();
      await twinRun(store, "a");
      const target = await store.beginImport(newRun(DEDUPE));
      await target.append(0, rowsOf("ab"));
      await target.append(0, [hashed(3, "b"), hashed(4, "c")]);
      const { id } = await target.finish([SOURCE]);
      expect(keys(await store.claim(id, queueOf(), 9))).toEqual(["row-1", "row-2", "row-4"]);
    });

    test("a success is everybody's, with the answer of the one that was sent and no cost of its own", async () => {
      const store = await newRig().open();
      const id = await twinRun(store, "aba");
      const [job] = await store.claim(id, queueOf(), 1);
      await store.record(endingOf(job!, "succeeded", { outcome: { raw: "whole" } }));
      const [leader, , twin] = await allRows(store, id);
      expect(leader).toMatchObject({ state: "succeeded", inputTokens: 10, attempts: 1, answeredBy: null });
      expect(twin).toMatchObject({
        key: "row-3",
        state: "succeeded",
        row: '{"prompt":"3"}',
        output: '"yes"',
        raw: "whole",
        provider: "sim",
        attempts: 0,
        inputTokens: 0,
        cachedInputTokens: 0,
        outputTokens: 0,
        reasoningTokens: 0,
        costUsd: 0,
        latencyMs: null,
        answeredBy: { run: id, key: "row-1", sample: 1 },
      });
      expect(await store.job(id, "row-3")).toMatchObject({ output: '"yes"', history: [] });
      const { jobs, tokens, attempts } = await store.figures(id);
      expect(jobs).toMatchObject({ succeeded: 2, pending: 1 });
      expect(tokens).toMatchObject({ input: 10, output: 10 });
      expect(attempts).toMatchObject({ total: 1, succeeded: 1 });
      expect(await unsound(store)).toEqual([]);
    });

    test("what is left to send is told by the rows that have a call of their own", async () => {
      const store = await newRig().open();
      const id = await twinRun(store, "aaabc");
      const left = async () => leftToSend(await store.figures(id));
      expect(await left()).toBe(3);
      const jobs = await store.claim(id, queueOf(), 3);
      await store.record(endingOf(jobs[0]!, "succeeded"));
      const { recent, jobs: counts } = await store.figures(id);
      expect([recent.requests, counts.succeeded]).toEqual([1, 3]);
      expect(await left()).toBe(2);
      await store.record(endingOf(jobs[1]!, "rejected"));
      expect(await left()).toBe(1);
      await store.record(endingOf(jobs[2]!, "succeeded"));
      expect(await left()).toBe(0);
      expect(await store.finishRun(id)).toBe(true);
    });

    test("a failure for good is everybody's; one that is retried is nobody's", async () => {
      const store = await newRig().open();
      const id = await twinRun(store, "aa");
      const [first] = await store.claim(id, queueOf(), 1);
      await store.record(endingOf(first!, "transient"));
      expect(await statesOf(store, id)).toEqual(["pending", "pending"]);
      expect((await allRows(store, id))[1]).toMatchObject({ errorCode: null, answeredBy: null });
      const [second] = await store.claim(id, queueOf(), 1);
      await store.record(
        endingOf(second!, "rejected", { outcome: { code: "bad", message: "no", raw: "{}" } }),
      );
      expect((await allRows(store, id))[1]).toMatchObject({
        state: "failed",
        errorCode: "bad",
        errorMessage: "no",
        httpStatus: 400,
        raw: "{}",
        output: null,
        inputTokens: null,
        attempts: 0,
        answeredBy: { run: id, key: "row-1", sample: 1 },
      });
      expect((await store.figures(id)).failures).toMatchObject([{ code: "bad", count: 2 }]);
      expect(await unsound(store)).toEqual([]);
    });

    test.each([
      ["all", {}],
      ["the one that was sent", { key: "row-1" }],
      ["one that follows", { key: "row-3" }],
      ["those of a code", { code: "bad" }],
    ])("are put back together: %s", async (_, filter) => {
      const store = await newRig().open();
      const id = await twinRun(store, "aba");
      const jobs = await store.claim(id, queueOf(), 2);
      await store.record(endingOf(jobs[0]!, "rejected", { outcome: { code: "bad" } }));
      await store.record(endingOf(jobs[1]!, "succeeded"));
      await store.finishRun(id);
      expect(await store.retry(id, filter)).toBe(2);
      const { jobs: counts, failures } = await store.figures(id);
      expect(counts).toMatchObject({ pending: 2, failed: 0 });
      expect(failures).toEqual([]);
      expect((await allRows(store, id))[2]).toMatchObject({ state: "pending", errorCode: null });
      expect(await store.claim(id, queueOf(), 9)).toMatchObject([{ key: "row-1", asks: 1 }]);
      expect(await unsound(store)).toEqual([]);
    });

    test("none is put back where the one that was sent has another code", async () => {
      const store = await newRig().open();
      const id = await twinRun(store, "aa");
      const [job] = await store.claim(id, queueOf(), 1);
      await store.record(endingOf(job!, "rejected", { outcome: { code: "bad" } }));
      expect(await store.retry(id, { key: "row-2", code: "other" })).toBe(0);
      expect(await statesOf(store, id)).toEqual(["failed", "failed"]);
    });

    test("an outage's failure is given back to all of them", async () => {
      const store = await newRig().open();
      const id = await twinRun(store, "aa");
      const [job] = await store.claim(id, queueOf(), 1);
      await store.record(endingOf(job!, "transient", { decision: { state: "failed" } }));
      expect(await statesOf(store, id)).toEqual(["failed", "failed"]);
      expect(await store.forgive([{ job: job!.id, attempt: job!.attempt }])).toBe(1);
      expect((await store.figures(id)).jobs).toMatchObject({ pending: 2, failed: 0 });
      expect(await unsound(store)).toEqual([]);
    });

    test("are cancelled together", async () => {
      const store = await newRig().open();
      const id = await twinRun(store, "aab");
      await store.claim(id, queueOf(), 1);
      expect(await store.cancel(id)).toBe(3);
      expect(await statesOf(store, id)).toEqual(["cancelled", "cancelled", "cancelled"]);
      expect(await unsound(store)).toEqual([]);
    });

    test("wait on while a dead process's claim is taken back", async () => {
      const rig = newRig();
      const [gone, next] = [await rig.open(), await rig.open()];
      const id = await twinRun(next, "aa");
      await gone.attach(id, 1);
      await gone.claim(id, queueOf(), 9);
      await gone.close();
      expect(await next.rescue()).toMatchObject({ jobs: 1, inDoubtAtMost: 1 });
      expect((await next.figures(id)).jobs).toMatchObject({ pending: 2 });
      expect(keys(await next.claim(id, queueOf(), 9))).toEqual(["row-1"]);
    });

    test("fail together once their process has died too often with the one that is sent", async () => {
      const rig = newRig();
      const next = await rig.open();
      const id = await twinRun(next, "aa");
      for (let death = 1; death <= 10; death += 1) {
        expect(await statesOf(next, id)).toEqual(["pending", "pending"]);
        const gone = await rig.open();
        await gone.claim(id, queueOf(), 9);
        await gone.close();
        await next.rescue();
      }
      expect(await allRows(next, id)).toMatchObject([{ errorCode: "CRASHED" }, { errorCode: "CRASHED" }]);
      expect((await next.figures(id)).failures).toMatchObject([{ code: "CRASHED", count: 2 }]);
      expect(await unsound(next)).toEqual([]);
    });

    test("a row that is no request is nobody's twin", async () => {
      const store = await newRig().open();
      const error = { code: "NOT_JSON", message: "bad" };
      const { id } = await storeRun(store, [hashed(1, "a", { error }), hashed(2, "a"), importRow(3)], DEDUPE);
      expect(keys(await store.claim(id, queueOf(), 9))).toEqual(["row-2", "row-3"]);
    });

    test("with samples, each follows the same sample", async () => {
      const store = await newRig().open();
      const id = await twinRun(store, "aba", { request: requestSettings({ samples: 2 }) });
      expect((await store.figures(id)).shared.dedupe).toBe(2);
      const jobs = await store.claim(id, queueOf(), 9);
      expect(keys(jobs)).toEqual(["row-1", "row-1", "row-2", "row-2"]);
      await store.record(endingOf(jobs[1]!, "succeeded"));
      expect(await statesOf(store, id)).toEqual([
        ...["running", "succeeded", "running", "running"],
        ...["pending", "succeeded"],
      ]);
      expect((await store.job(id, "row-3#2"))?.answeredBy).toEqual({ run: id, key: "row-1", sample: 2 });
      await store.record(endingOf(jobs[0]!, "rejected"));
      expect(await store.retry(id, { key: "row-3" })).toBe(2);
      expect(await unsound(store)).toEqual([]);
    });
  });
}
