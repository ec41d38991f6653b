import { describe, expect, test } from "vitest";
import { emptySpan, FINEST_MS, type HistorySpan } from "../../../src/domain/history.ts";
import { endingOf, queueOf, storeRun } from "../../helpers/stored-run.ts";
import type { NewStoreRig } from "./store-rig.ts";

export function describeFigures(newRig: NewStoreRig): void {
  describe("figures", () => {
    test("a fresh run has pending jobs and nothing else", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, 3);
      const none = { p50: null, p95: null, p99: null };
      expect(await store.figures(id)).toMatchObject({
        jobs: { total: 3, pending: 3, running: 0, succeeded: 0, failed: 0, cancelled: 0 },
        attempts: { total: 0, succeeded: 0, throttled: 0, retried: 0, in_doubt: 0 },
        tokens: { input: 0, cached_input: 0, output: 0 },
        latency_ms: none,
        wait_ms: none,
        total_ms: none,
        failures: [],
      });
    });

    test("attempts are counted by what became of them, tokens also of late results", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, 5);
      const jobs = await store.claim(id, queueOf(), 5);
      const kinds = ["succeeded", "throttled", "exhausted", "transient", "rejected"] as const;
      await Promise.all(jobs.map((job, at) => store.record(endingOf(job, kinds[at]!))));
      await store.record(endingOf(jobs[1]!, "succeeded"));
      const { attempts, tokens, jobs: counts } = await store.figures(id);
      expect(attempts).toEqual({ total: 6, succeeded: 2, throttled: 2, retried: 1, in_doubt: 0 });
      expect(tokens).toEqual({ input: 20, cached_input: 0, output: 20 });
      expect(counts).toMatchObject({ pending: 3, succeeded: 1, failed: 1 });
    });

    test("answers that didn't fit are counted, whatever becomes of their jobs", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, 2);
      const jobs = await store.claim(id, queueOf(), 2);
      await store.record(endingOf(jobs[0]!, "invalid"));
      await store.record(endingOf(jobs[1]!, "invalid", { decision: { state: "failed" } }));
      expect((await store.figures(id)).unfit).toBe(2);
    });

    test("percentiles are right to a few per cent, and the total runs to the commit", async () => {
      const rig = newRig();
      const store = await rig.open();
      const { id } = await storeRun(store, 100);
      const jobs = await store.claim(id, queueOf(), 100);
      rig.clock.advance(10_000);
      await Promise.all(
        jobs.map((job, at) => {
          const latencyMs = (at + 1) * 10;
          return store.record(
            endingOf(job, "succeeded", { timing: { latencyMs, waitMs: 0, slotFreeAt: 4_000 } }),
          );
        }),
      );
      const { latency_ms, wait_ms, total_ms } = await store.figures(id);
      for (const [got, wanted] of [
        [latency_ms.p50, 500],
        [latency_ms.p95, 950],
        [latency_ms.p99, 990],
        [total_ms.p50, 6_000],
      ] as const)
        expect(Math.abs(got! / wanted - 1)).toBeLessThan(0.025);
      expect(wait_ms).toEqual({ p50: 0, p95: 0, p99: 0 });
    });

    test("failures are told by code, most frequent first, with an example each", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, 3);
      const jobs = await store.claim(id, queueOf(), 3);
      await Promise.all(
        ["rare", "often", "often"].map((code, at) =>
          store.record(endingOf(jobs[at]!, "rejected", { outcome: { code, message: `${code} ${at}` } })),
        ),
      );
      expect((await store.figures(id)).failures).toEqual([
        { code: "often", count: 2, example: { id: "row-2", message: "often 1" } },
        { code: "rare", count: 1, example: { id: "row-1", message: "rare 0" } },
      ]);
    });

    test("what happened lately is this minute and the last, since somebody has worked on the run", async () => {
      const rig = newRig();
      const store = await rig.open();
      const { id } = await storeRun(store, 4);
      rig.clock.advance(600_000);
      await store.attach(id, 4);
      const work = async () => {
        const [job] = await store.claim(id, queueOf(), 1);
        await store.record(endingOf(job!, "succeeded"));
      };
      await work();
      rig.clock.advance(20_000);
      await work();
      expect((await store.figures(id)).recent).toEqual({ spanMs: 20_000, requests: 2, tokens: 40 });
      rig.clock.advance(100_000);
      await work();
      expect((await store.figures(id)).recent).toEqual({ spanMs: 60_000, requests: 1, tokens: 20 });
    });

    test("a pause between two processes is no part of lately, and two at once are no longer than one", async () => {
      const rig = newRig();
      const [first, next] = [await rig.open(), await rig.open()];
      const { id } = await storeRun(first, 4);
      rig.clock.advance(600_000);
      await first.attach(id, 4);
      rig.clock.advance(10_000);
      await first.close();
      await next.rescue();
      rig.clock.advance(25_000);
      const [second, third] = [await rig.open(), await rig.open()];
      await second.attach(id, 4);
      rig.clock.advance(2_000);
      await third.attach(id, 4);
      rig.clock.advance(3_000);
      expect((await next.figures(id)).recent.spanMs).toBe(15_000);
    });

    test("a pause after a kill is no part of lately", async () => {
      const rig = newRig();
      const [killed, next] = [await rig.open(), await rig.open()];
      const { id } = await storeRun(killed, 4);
      rig.clock.advance(600_000);
      await killed.attach(id, 4);
      await killed.claim(id, queueOf(), 1);
      rig.clock.advance(10_000);
      await killed.addHistory(id, [emptySpan(rig.clock.wall() - 1_000, FINEST_MS)]);
      await killed.close();
      rig.clock.advance(45_000);
      await next.rescue();
      await next.attach(id, 4);
      rig.clock.advance(1_000);
      expect((await next.figures(id)).recent.spanMs).toBe(10_000 + 3_000 + 1_000);
    });

    test("the pace is that of the newest second on record, however long ago that was", async () => {
      const rig = newRig();
      const store = await rig.open();
      const [{ id }, other] = [await storeRun(store, 4), await storeRun(store, 4)];
      const second = (number: number, rowsPerMinute: number): HistorySpan => ({
        ...emptySpan(number * FINEST_MS, FINEST_MS),
        pace: { rowsPerMinute, callsPerRow: 1.5, tokensPerRow: 40 },
      });
      expect((await store.figures(id)).pace).toBeNull();
      await store.addHistory(id, [second(9, 90), second(10, 600)]);
      await store.addHistory(id, [second(8, 80)]);
      await store.addHistory(other.id, [second(11, 7)]);
      rig.clock.advance(7_200_000);
      expect((await store.figures(id)).pace).toEqual({
        rowsPerMinute: 600,
        callsPerRow: 1.5,
        tokensPerRow: 40,
      });
    });
  });
}
