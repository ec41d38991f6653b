import { describe, expect, test } from "vitest";
import type { OutcomeKind } from "../../../src/domain/outcome.ts";
import type { SpendReport } from "../../../src/domain/spend.ts";
import type { Store } from "../../../src/ports/store.ts";
import { answerOf, usageOf } from "../../helpers/answer.ts";
import { allRows, endingOf, importRow, queueOf, storeRun } from "../../helpers/stored-run.ts";
import type { NewStoreRig } from "./store-rig.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Makes the next call of a run, which uses twenty tokens. */
async function call(store: Store, run: string, costNanoUsd: number | null, kind: OutcomeKind = "succeeded") {
  const [job] = await store.claim(run, queueOf(), 1);
  await store.record(endingOf(job!, kind, { outcome: { answer: answerOf(), costNanoUsd } }));
}

/** A run of ten rows of one group. */
async function runOf(store: Store, group: string | null): Promise<string> {
  const rows = Array.from({ length: 10 }, (_, at) => importRow(at + 1, { group }));
  return (await storeRun(store, rows, { fingerprint: String(group) })).id;
}

const used = (report: SpendReport) => ({
  run: report.run.used,
  hour: report.hour.used,
  day: report.day.used,
});

export function describeSpend(newRig: NewStoreRig): void {
  describe("spend", () => {
    test("a run without calls has used nothing", async () => {
      const rig = newRig();
      const store = await rig.open();
      const nothing = { used: [], inDoubt: [] };
      const report = { wallMs: rig.clock.wall(), run: nothing, hour: nothing, day: nothing };
      expect(await store.spend(await runOf(store, null))).toEqual(report);
    });

    test("a call's cost stands with its result, and adds up over all that were answered", async () => {
      const store = await newRig().open();
      const id = await runOf(store, null);
      await call(store, id, 1_234_567);
      await call(store, id, 1_000, "invalid");
      await call(store, id, null);
      const done = (await allRows(store, id)).filter(({ state }) => state === "succeeded");
      expect(done.map(({ costUsd }) => costUsd)).toEqual([0.001234567, null]);
      expect((await store.figures(id)).cost).toEqual({ nano_usd: 1_235_567, unknown: 1 });
      expect((await store.spend(id)).run.used).toEqual([{ group: null, tokens: 60, nanoUsd: 1_235_567 }]);
    });

    test("a call that was broken off by us counts as estimated as well", async () => {
      const store = await newRig().open();
      const id = await runOf(store, "red");
      const [job] = await store.claim(id, queueOf(), 1);
      await store.record(endingOf(job!, "aborted", { estimate: { tokens: 300, nanoUsd: 7_000 } }));
      expect((await store.figures(id)).estimated).toEqual({ tokens: 300, nano_usd: 7_000 });
    });

    test("a call that was broken off, and one without a price, count as estimated, and cost nothing that is known", async () => {
      const store = await newRig().open();
      const id = await runOf(store, "red");
      const [cut, unpriced, refused] = await store.claim(id, queueOf(), 3);
      const estimate = { tokens: 300, nanoUsd: 7_000 };
      await store.record(endingOf(cut!, "interrupted", { estimate }));
      await store.record(endingOf(unpriced!, "succeeded", { estimate, outcome: { answer: answerOf() } }));
      await store.record(endingOf(refused!, "throttled", { estimate }));
      expect((await store.spend(id)).run.used).toEqual([{ group: "red", tokens: 320, nanoUsd: 14_000 }]);
      const { cost, estimated } = await store.figures(id);
      expect(cost).toEqual({ nano_usd: 0, unknown: 1 });
      expect(estimated).toEqual({ tokens: 300, nano_usd: 14_000 });
      expect((await store.verify()).filter(({ verdict }) => verdict !== "ok")).toEqual([]);
    });

    test("adds up to the last nano-USD over thousands of calls", async () => {
      const store = await newRig().open();
      const rows = Array.from({ length: 2_000 }, (_, at) => importRow(at + 1, { group: `g${at % 7}` }));
      const { id } = await storeRun(store, rows);
      let expected = 0;
      for (let left = rows.length; left > 0; ) {
        const jobs = await store.claim(id, queueOf(), 200);
        left -= jobs.length;
        const costs = jobs.map((job) => (job.id * 7_919) % 1_000_003);
        expected += costs.reduce((sum, cost) => sum + cost, 0);
        await Promise.all(
          jobs.map((job, at) =>
            store.record(endingOf(job, "succeeded", { outcome: { costNanoUsd: costs[at]! } })),
          ),
        );
      }
      const { cost, tokens } = await store.figures(id);
      const { run } = await store.spend(id);
      expect(cost).toEqual({ nano_usd: expected, unknown: 0 });
      expect(run.used.reduce((sum, { nanoUsd }) => sum + nanoUsd, 0)).toBe(expected);
      expect(run.used.reduce((sum, one) => sum + one.tokens, 0)).toBe(tokens.input + tokens.output);
      const inRows = (await allRows(store, id)).reduce((sum, { costUsd }) => sum + costUsd! * 1e9, 0);
      expect(Math.round(inRows)).toBe(expected);
    });

    test("the totals are the run's own, the hour and the day those of all runs, by group", async () => {
      const store = await newRig().open();
      const [one, other] = [await runOf(store, "a"), await runOf(store, "b")];
      const third = await storeRun(store, [importRow(1, { group: "a" })], { fingerprint: "third" });
      for (const id of [one, one, other, third.id]) await call(store, id, 5);
      const all = [
        { group: "a", tokens: 60, nanoUsd: 15 },
        { group: "b", tokens: 20, nanoUsd: 5 },
      ];
      expect(used(await store.spend(one))).toEqual({
        run: [{ group: "a", tokens: 40, nanoUsd: 10 }],
        hour: all,
        day: all,
      });
    });

    test("hours and days are those of the clock, in UTC", async () => {
      const rig = newRig();
      const store = await rig.open();
      const id = await runOf(store, null);
      const endOf = (spanMs: number): number => spanMs - (rig.clock.wall() % spanMs);
      rig.clock.advance(endOf(DAY_MS) - 1);
      await call(store, id, 1);
      rig.clock.advance(1);
      await call(store, id, 10);
      const nanoUsd = async () => {
        const { run, hour, day } = await store.spend(id);
        return [run, hour, day].map((span) => span.used[0]?.nanoUsd ?? 0);
      };
      expect(await nanoUsd()).toEqual([11, 10, 10]);
      rig.clock.advance(HOUR_MS);
      await call(store, id, 100);
      expect(await nanoUsd()).toEqual([111, 100, 110]);
      rig.clock.advance(endOf(DAY_MS));
      expect(await nanoUsd()).toEqual([111, 0, 0]);
    });

    test("a run of a week has used what all of its calls have", async () => {
      const rig = newRig();
      const store = await rig.open();
      const { id } = await storeRun(store, 200);
      for (let hour = 0; hour < 168; hour += 1) {
        await call(store, id, 3);
        rig.clock.advance(HOUR_MS);
      }
      expect((await store.spend(id)).run.used).toEqual([{ group: null, tokens: 168 * 20, nanoUsd: 168 * 3 }]);
      expect((await store.verify()).filter(({ verdict }) => verdict !== "ok")).toEqual([]);
    });

    test("late results count, since they were paid for", async () => {
      const rig = newRig();
      const store = await rig.open();
      const { id } = await storeRun(store, [importRow(1, { group: "a" })]);
      const [job] = await store.claim(id, queueOf(), 1);
      await store.cancel(id);
      const usage = usageOf({ inputTokens: 7, outputTokens: 1 });
      const paid = { outcome: { answer: answerOf({ usage }), costNanoUsd: 9 } };
      expect(await store.record(endingOf(job!, "succeeded", paid))).toBe("superseded");
      expect((await store.spend(id)).run.used).toEqual([{ group: "a", tokens: 8, nanoUsd: 9 }]);
    });

    test("what a deleted run has used still counts for its hour and day", async () => {
      const store = await newRig().open();
      const [gone, kept] = [await runOf(store, "a"), await runOf(store, "b")];
      await call(store, gone, 5);
      await store.removeRun(gone);
      const spent = [{ group: "a", tokens: 20, nanoUsd: 5 }];
      expect(used(await store.spend(kept))).toEqual({ run: [], hour: spent, day: spent });
      expect((await store.verify()).filter(({ verdict }) => verdict !== "ok")).toEqual([]);
    });
  });
}
