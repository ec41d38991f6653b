import { describe, expect, test } from "vitest";
import { emptySpan, FINEST_MS, type HistorySpan, SPANS_OF_A_LENGTH } from "../../../src/domain/history.ts";
import { storeRun } from "../../helpers/stored-run.ts";
import type { NewStoreRig } from "./store-rig.ts";

const START = Date.UTC(2026, 0, 1);

function span(second: number, wanted: Partial<HistorySpan> = {}): HistorySpan {
  return { ...emptySpan(START + second * FINEST_MS, FINEST_MS), ...wanted };
}

const sentIn = (spans: readonly HistorySpan[]): number => spans.reduce((sum, { sent }) => sum + sent, 0);

export function describeHistory(newRig: NewStoreRig): void {
  describe("history", () => {
    test("a run has none at first, and then what was added, oldest first", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, 1);
      expect(await store.history(id)).toEqual([]);
      const full = span(1, {
        sent: 3,
        ended: { succeeded: 1, throttled: 1 },
        succeeded: 1,
        inputTokens: 10,
        latency: [80, 1, 0, 1],
        jobs: { total: 1, pending: 0, running: 1, succeeded: 0, failed: 0, cancelled: 0 },
        limits: { "requests/minute": 600 },
        breakers: [{ at: START + 1_200, endpoint: "e", state: "open", reason: "http_500" }],
      });
      await store.addHistory(id, [full, span(0, { sent: 1 })]);
      expect(await store.history(id)).toEqual([span(0, { sent: 1 }), full]);
    });

    test("what several processes did in one span adds up, and the latest look at the jobs stands", async () => {
      const rig = newRig();
      const stores = [await rig.open(), await rig.open()];
      const { id } = await storeRun(stores[0]!, 1);
      const counts = { total: 9, pending: 9, running: 0, succeeded: 0, failed: 0, cancelled: 0 };
      const done = { sent: 2, ended: { succeeded: 2 }, latency: [80, 2], limits: { "tokens/day": 7 } };
      await Promise.all(stores.map((store) => store.addHistory(id, [span(0, { ...done, jobs: counts })])));
      await stores[0]!.addHistory(id, [span(0, { ended: { transient: 1 }, latency: [79, 1] })]);
      expect(await stores[1]!.history(id)).toEqual([
        span(0, {
          sent: 4,
          ended: { succeeded: 4, transient: 1 },
          latency: [79, 1, 4],
          limits: { "tokens/day": 7 },
          jobs: counts,
        }),
      ]);
    });

    test("however long a run lasts, its history stays small and loses no call", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, 1);
      const seconds = SPANS_OF_A_LENGTH * 9;
      for (let at = 0; at < seconds; at += 60) {
        const minute = Array.from({ length: 60 }, (_, second) => span(at + second, { sent: 1 }));
        await store.addHistory(id, minute);
      }
      const spans = await store.history(id);
      const lengths = spans.map(({ lengthMs }) => lengthMs);
      for (const length of new Set(lengths))
        expect(lengths.filter((other) => other === length).length).toBeLessThanOrEqual(SPANS_OF_A_LENGTH);
      expect([...new Set(lengths)]).toEqual([8_000, 4_000, 2_000, 1_000]);
      expect(sentIn(spans)).toBe(seconds);
      for (const [at, { lengthMs, sent }] of spans.entries()) {
        expect(sent).toBe(lengthMs / FINEST_MS);
        const next = spans[at + 1];
        if (next) expect(next.at).toBe(spans[at]!.at + lengthMs);
      }
      expect(spans.at(-1)!.at).toBe(START + (seconds - 1) * FINEST_MS);
    });

    test("what comes late is added to the span that its time is in by now", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, 1);
      const spans = Array.from({ length: SPANS_OF_A_LENGTH + 1 }, (_, at) => span(at, { sent: 1 }));
      await store.addHistory(id, spans);
      await store.addHistory(id, [span(0, { sent: 5 })]);
      const more = Array.from({ length: SPANS_OF_A_LENGTH }, (_, at) => span(spans.length + at, { sent: 1 }));
      await store.addHistory(id, more);
      const kept = await store.history(id);
      expect(kept[0]).toEqual({ ...emptySpan(START, 2_000), sent: 7 });
      expect(sentIn(kept)).toBe(spans.length + 5 + more.length);
    });

    test("it goes with its run, and no other's", async () => {
      const store = await newRig().open();
      const [kept, gone] = [await storeRun(store, 1), await storeRun(store, 1)];
      for (const { id } of [kept, gone]) await store.addHistory(id, [span(0, { sent: 1 })]);
      await store.removeRun(gone.id);
      await expect(store.history(gone.id)).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
      expect(await store.history(kept.id)).toHaveLength(1);
      expect(await store.history((await storeRun(store, 1)).id)).toEqual([]);
    });
  });
}
