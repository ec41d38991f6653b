import { describe, expect, test } from "vitest";
import type { ClaimedJob } from "../../../src/domain/job.ts";
import { endingOf, importRow, queueOf, storeRun } from "../../helpers/stored-run.ts";
import type { NewStoreRig } from "./store-rig.ts";

const keys = (jobs: readonly ClaimedJob[]): string[] => jobs.map(({ key }) => key);

export function describeClaims(newRig: NewStoreRig): void {
  describe("claiming", () => {
    test("takes jobs in input order, each once, with a first attempt", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, 3);
      const [first] = await store.claim(id, queueOf(), 1);
      expect(first).toMatchObject({
        key: "row-1",
        attempt: 1,
        failures: 0,
        row: '{"prompt":"1"}',
        model: null,
      });
      expect(keys(await store.claim(id, queueOf(), 10))).toEqual(["row-2", "row-3"]);
      expect(await store.claim(id, queueOf(), 10)).toEqual([]);
    });

    test("stops before the row that would be too much text, and takes one in any case", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, 6);
      const { length } = '{"prompt":"1"}';
      expect(keys(await store.claim(id, queueOf(), 10, { maxCharacters: 2 * length }))).toEqual([
        "row-1",
        "row-2",
      ]);
      expect(keys(await store.claim(id, queueOf(), 10, { maxCharacters: 2 * length - 1 }))).toEqual([
        "row-3",
      ]);
      expect(keys(await store.claim(id, queueOf(), 10, { maxCharacters: 0 }))).toEqual(["row-4"]);
      expect(keys(await store.claim(id, queueOf(), 1, { maxCharacters: 9 * length }))).toEqual(["row-5"]);
      expect((await store.figures(id)).jobs).toMatchObject({ pending: 1, running: 5 });
    });

    test("two processes never get the same job", async () => {
      const rig = newRig();
      const [store, other] = [await rig.open(), await rig.open()];
      const { id } = await storeRun(store, 40);
      const claims = Array.from({ length: 10 }, (_, at) => (at % 2 ? store : other).claim(id, queueOf(), 4));
      const claimed = (await Promise.all(claims)).flat().map((job) => job.id);
      expect(new Set(claimed).size).toBe(40);
    });

    test("what is given back that another process holds by now stays that one's", async () => {
      const rig = newRig();
      const [store, other] = [await rig.open(), await rig.open()];
      const { id } = await storeRun(store, 2);
      await store.claim(id, queueOf(), 1);
      const [job] = await other.claim(id, queueOf(), 1);
      await store.release([job!]);
      expect((await store.figures(id)).jobs).toMatchObject({ pending: 0, running: 2 });
      expect(await other.record(endingOf(job!, "rejected"))).toBe("recorded");
    });

    test("takes a job that another stage of the chain took over with nothing held against it", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, 1);
      const take = async (stage: number) => (await store.claim(id, queueOf(null, stage), 1))[0]!;
      await store.record(endingOf(await take(0), "transient"));
      await store.record(endingOf(await take(0), "invalid", { decision: { countsAs: "invalid" } }));
      const last = await take(0);
      expect(last).toMatchObject({ attempt: 3, failures: 1, invalid: 1 });
      await store.record(endingOf(last, "rejected", { decision: { state: "pending", toStage: 1 } }));
      expect(await take(1)).toMatchObject({ attempt: 4, failures: 0, invalid: 0 });
    });

    test("takes jobs of one model", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, [importRow(1), importRow(2, { model: "b" }), importRow(3)]);
      expect(await store.claim(id, queueOf("b"), 10)).toMatchObject([{ key: "row-2", model: "b" }]);
      expect(await store.claim(id, queueOf("unknown"), 10)).toEqual([]);
      expect(keys(await store.claim(id, queueOf(), 10))).toEqual(["row-1", "row-3"]);
    });

    test("takes retries that are due before fresh jobs, the longest due first, and none before its time", async () => {
      const rig = newRig();
      const store = await rig.open();
      const { id } = await storeRun(store, 4);
      const [one, two, three] = await store.claim(id, queueOf(), 3);
      const later = (job: ClaimedJob, inMs: number) =>
        store.record(endingOf(job, "transient", { decision: { availableAt: rig.clock.wall() + inMs } }));
      await Promise.all([later(one!, 2_000), later(two!, 1_000), later(three!, 9_000)]);
      rig.clock.advance(2_000);
      const jobs = await store.claim(id, queueOf(), 10);
      expect(keys(jobs)).toEqual(["row-2", "row-1", "row-4"]);
      expect(jobs[0]).toMatchObject({ attempt: 2, failures: 1 });
    });

    test("says when the next job is ready", async () => {
      const rig = newRig();
      const store = await rig.open();
      const { id } = await storeRun(store, 2);
      expect(await store.nextAvailableAt(id, queueOf())).toBe(0);
      const [one, two] = await store.claim(id, queueOf(), 2);
      expect(await store.nextAvailableAt(id, queueOf())).toBeNull();
      const due = rig.clock.wall() + 5_000;
      await store.record(endingOf(one!, "throttled", { decision: { availableAt: due + 1 } }));
      await store.record(endingOf(two!, "throttled", { decision: { availableAt: due } }));
      expect(await store.nextAvailableAt(id, queueOf())).toBe(due);
      rig.clock.advance(5_000);
      expect(await store.nextAvailableAt(id, queueOf())).toBe(0);
      expect(await store.nextAvailableAt(id, queueOf("unknown"))).toBeNull();
    });

    test("a released job is as it was: claimed again in its place, under the same attempt number", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, 3);
      const jobs = await store.claim(id, queueOf(), 2);
      await store.release(jobs);
      await store.release(jobs);
      expect((await store.figures(id)).jobs).toMatchObject({ pending: 3, running: 0 });
      const again = await store.claim(id, queueOf(), 3);
      expect(keys(again)).toEqual(["row-1", "row-2", "row-3"]);
      expect(again.map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
    });

    test("the attempt number of a call that was made is never used again", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, 1);
      const attempts: number[] = [];
      for (const kind of ["throttled", "unreachable", "transient"] as const) {
        const [job] = await store.claim(id, queueOf(), 1);
        attempts.push(job!.attempt);
        await store.record(endingOf(job!, kind));
      }
      expect(attempts).toEqual([1, 2, 3]);
      expect((await store.claim(id, queueOf(), 1))[0]).toMatchObject({ attempt: 4, failures: 1 });
    });
  });
}
