import { describe, expect, test } from "vitest";
import type { ClaimedJob } from "../../../src/domain/job.ts";
import type { ImportRow } from "../../../src/ports/import.ts";
import type { Store } from "../../../src/ports/store.ts";
import { endingOf, hashed, importRow, queueOf, storeRun } from "../../helpers/stored-run.ts";
import type { NewStoreRig } from "./store-rig.ts";

/** So many rows of each group, one group after the other. */
function rowsOf(counts: Readonly<Record<string, number>>): ImportRow[] {
  const groups = Object.entries(counts).flatMap(([group, count]) => Array<string>(count).fill(group));
  return groups.map((group, at) => importRow(at + 1, { group }));
}

const groupsOf = (jobs: readonly ClaimedJob[]): (string | null)[] => jobs.map(({ group }) => group);
const keysOf = (jobs: readonly ClaimedJob[]): string[] => jobs.map(({ key }) => key);

/** Claims until nothing is ready, so many at a time. */
async function claimAll(store: Store, run: string, limit: number): Promise<ClaimedJob[][]> {
  const claims: ClaimedJob[][] = [];
  for (;;) {
    const jobs = await store.claim(run, queueOf(), limit);
    if (jobs.length === 0) return claims;
    claims.push(jobs);
  }
}

export function describeGroups(newRig: NewStoreRig): void {
  describe("groups", () => {
    test("take turns: nine small ones are done as if the one with 90 % of the rows were no larger", async () => {
      const store = await newRig().open();
      const small = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`small-${at}`, 4]));
      const { id } = await storeRun(store, rowsOf({ heavy: 324, ...small }));
      const jobs = (await claimAll(store, id, 7)).flat();
      expect(jobs).toHaveLength(360);
      const lastSmall = groupsOf(jobs).findLastIndex((group) => group !== "heavy");
      // Each turn of a claim is at most two jobs of a lane here, so a round of ten lanes is at most twenty.
      expect(lastSmall).toBeLessThan(10 * 4 + 20);
    });

    test("each has its turn in every stretch of claims, however few are claimed at once", async () => {
      for (const limit of [1, 3, 10, 15]) {
        const store = await newRig().open();
        const { id } = await storeRun(store, rowsOf({ a: 200, b: 60, c: 60, d: 60 }), {
          fingerprint: String(limit),
        });
        const jobs: ClaimedJob[] = [];
        while (jobs.length < 120) jobs.push(...(await store.claim(id, queueOf(), limit)));
        const stretch = 2 * Math.max(4, limit);
        for (let from = 0; from + stretch <= 120; from += 1) {
          expect(new Set(groupsOf(jobs.slice(from, from + stretch))).size).toBe(4);
        }
      }
    });

    test("a group's jobs come in input order, its due retries first, and alternate with those of others", async () => {
      const rig = newRig();
      const store = await rig.open();
      const { id } = await storeRun(store, rowsOf({ a: 3, b: 3 }));
      const [first] = await store.claim(id, queueOf(), 1);
      await store.record(
        endingOf(first!, "transient", { decision: { availableAt: rig.clock.wall() + 1_000 } }),
      );
      rig.clock.advance(1_000);
      const jobs = await store.claim(id, queueOf(), 6);
      expect(keysOf(jobs.filter(({ group }) => group === "a"))).toEqual(["row-1", "row-2", "row-3"]);
      expect(keysOf(jobs.filter(({ group }) => group === "b"))).toEqual(["row-4", "row-5", "row-6"]);
      expect(groupsOf(jobs).slice(0, 2).sort()).toEqual(["a", "b"]);
    });

    test("a retry of a group that was done is due within a second, though another group has rows for long", async () => {
      const rig = newRig();
      const store = await rig.open();
      const { id } = await storeRun(store, rowsOf({ heavy: 50, small: 1 }));
      const job = (await store.claim(id, queueOf(), 2)).find(({ group }) => group === "small")!;
      await store.claim(id, queueOf(), 4);
      await store.record(endingOf(job, "throttled"));
      rig.clock.advance(1_000);
      expect(groupsOf(await store.claim(id, queueOf(), 2)).sort()).toEqual(["heavy", "small"]);
    });

    test("closed ones are left out of claims, and of when the next job is ready", async () => {
      const rig = newRig();
      const store = await rig.open();
      const { id } = await storeRun(store, rowsOf({ a: 2, b: 2 }));
      const closed = new Set(["a"]);
      const claimed = await store.claim(id, queueOf(), 10, { closed });
      expect(groupsOf(claimed)).toEqual(["b", "b"]);
      expect(await store.claim(id, queueOf(), 10, { closed })).toEqual([]);
      expect(await store.nextAvailableAt(id, queueOf(), closed)).toBeNull();
      expect(await store.nextAvailableAt(id, queueOf())).toBe(0);
      const due = rig.clock.wall() + 5_000;
      await store.record(endingOf(claimed[0]!, "throttled", { decision: { availableAt: due } }));
      expect(await store.nextAvailableAt(id, queueOf(), closed)).toBe(due);
      expect(await store.nextAvailableAt(id, queueOf(), new Set(["a", "b"]))).toBeNull();
      expect([...(await store.pendingGroups(id, queueOf()))].sort()).toEqual(["a", "b"]);
      expect(groupsOf(await store.claim(id, queueOf(), 10))).toEqual(["a", "a"]);
      expect([...(await store.pendingGroups(id, queueOf()))]).toEqual(["b"]);
    });

    test("ten thousand of one row each are all claimed, each once", async () => {
      const store = await newRig().open();
      const rows = Array.from({ length: 10_000 }, (_, at) => importRow(at + 1, { group: `g${at}` }));
      const { id } = await storeRun(store, rows);
      const claims = await claimAll(store, id, 500);
      expect(new Set(keysOf(claims.flat())).size).toBe(10_000);
      expect(claims.length).toBeLessThan(25);
    });

    test("are no models: rows of every group wait in the queue of theirs", async () => {
      const store = await newRig().open();
      const rows = [
        importRow(1, { group: "a" }),
        importRow(2, { group: "b", model: "m" }),
        importRow(3, { group: "b" }),
      ];
      const { id } = await storeRun(store, rows);
      expect(await store.models(id)).toEqual([null, "m"]);
      expect(await store.claim(id, queueOf("m"), 9)).toMatchObject([
        { key: "row-2", model: "m", group: "b" },
      ]);
    });

    test("a job keeps its group at another stage of the chain, and when it is put back", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, rowsOf({ a: 1, b: 1 }));
      for (const job of await store.claim(id, queueOf(), 2)) {
        await store.record(endingOf(job, "rejected", { decision: { state: "pending", toStage: 1 } }));
      }
      const moved = await store.claim(id, queueOf(null, 1), 2);
      expect(groupsOf(moved).sort()).toEqual(["a", "b"]);
      for (const job of moved) await store.record(endingOf(job, "rejected"));
      await store.retry(id, {});
      const again = await store.claim(id, queueOf(), 2);
      expect(again.map(({ key, group }) => [key, group]).sort()).toEqual([
        ["row-1", "a"],
        ["row-2", "b"],
      ]);
    });
  });

  describe("failing a group", () => {
    const OVER = { code: "OVER_BUDGET", message: "a is over its budget" };

    test("ends its jobs that wait, due or not, and leaves those that run and those of others", async () => {
      const rig = newRig();
      const store = await rig.open();
      const { id } = await storeRun(store, rowsOf({ a: 4, b: 2 }));
      const [waiting, running] = await store.claim(id, queueOf(), 2, { closed: new Set(["b"]) });
      await store.record(
        endingOf(waiting!, "throttled", { decision: { availableAt: rig.clock.wall() + 9_000 } }),
      );
      expect(await store.failGroup(id, "a", OVER)).toBe(3);
      expect(await store.failGroup(id, "a", OVER)).toBe(0);
      expect((await store.figures(id)).jobs).toMatchObject({ pending: 2, running: 1, failed: 3 });
      expect(await store.job(id, "row-4")).toMatchObject({
        errorCode: "OVER_BUDGET",
        errorMessage: OVER.message,
      });
      expect(await store.record(endingOf(running!, "succeeded"))).toBe("recorded");
      expect(groupsOf(await store.claim(id, queueOf(), 9))).toEqual(["b", "b"]);
      expect((await store.verify()).filter(({ verdict }) => verdict !== "ok")).toEqual([]);
    });

    test("can be taken back by its code", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, rowsOf({ a: 2, b: 1 }));
      await store.failGroup(id, "a", OVER);
      expect(await store.retry(id, { code: OVER.code })).toBe(2);
      expect(await store.claim(id, queueOf(), 9)).toHaveLength(3);
    });

    test("takes those along that follow one of its jobs", async () => {
      const store = await newRig().open();
      const rows = [hashed(1, "same", { group: "a" }), hashed(2, "same", { group: "a" })];
      const { id } = await storeRun(store, rows, { sharing: { dedupe: true, reuse: false } });
      expect(await store.failGroup(id, "a", OVER)).toBe(2);
      expect((await store.figures(id)).jobs).toMatchObject({ pending: 0, failed: 2 });
      expect((await store.verify()).filter(({ verdict }) => verdict !== "ok")).toEqual([]);
    });
  });
}
