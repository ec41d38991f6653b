import { describe, expect, test } from "vitest";
import { endingOf, importRow, queueOf, storeRun } from "../../helpers/stored-run.ts";
import type { NewStoreRig } from "./store-rig.ts";

const NOTHING = { jobs: 0, inDoubtAtMost: 0, inDoubt: [] };

export function describeRescue(newRig: NewStoreRig): void {
  describe("rescuing", () => {
    test("takes back what a process left behind, and says how many calls may have been made", async () => {
      const rig = newRig();
      const [gone, next] = [await rig.open(), await rig.open()];
      const { id } = await storeRun(next, 6);
      await gone.attach(id, 2);
      await gone.claim(id, queueOf(), 5);
      await gone.close();
      expect(await next.rescue()).toMatchObject({ jobs: 5, inDoubtAtMost: 2 });
      expect(await next.rescue()).toEqual(NOTHING);
      const { jobs, attempts } = await next.figures(id);
      expect(jobs).toMatchObject({ pending: 6, running: 0 });
      expect(attempts).toMatchObject({ total: 2, in_doubt: 2 });
      expect((await next.job(id, "row-1"))?.history).toMatchObject([{ attempt: 1, kind: "in_doubt" }]);
      expect((await next.claim(id, queueOf(), 1))[0]).toMatchObject({
        key: "row-1",
        attempt: 2,
        failures: 0,
      });
    });

    test("no more calls are in doubt than jobs were claimed", async () => {
      const rig = newRig();
      const [gone, next] = [await rig.open(), await rig.open()];
      const { id } = await storeRun(next, 6);
      await gone.attach(id, 64);
      await gone.claim(id, queueOf(), 3);
      await gone.close();
      expect(await next.rescue()).toMatchObject({ jobs: 3, inDoubtAtMost: 3 });
    });

    test("says what those calls may have been charged: the largest estimates, as many as there were slots", async () => {
      const rig = newRig();
      const [gone, next] = [await rig.open(), await rig.open()];
      const charges = [
        { inputTokens: 10, outputTokens: 300 },
        { inputTokens: 30, outputTokens: 100 },
        { inputTokens: 20, outputTokens: 200 },
        { inputTokens: 9_999, outputTokens: 9_999 },
      ];
      const rows = charges.map((charge, at) => importRow(at + 1, { charge }));
      const { id } = await storeRun(next, rows);
      await gone.attach(id, 2);
      await gone.claim(id, queueOf(), 3);
      await gone.close();
      const inDoubt = [{ run: id, model: null, calls: 2, inputTokens: 50, outputTokens: 500 }];
      expect(await next.rescue()).toEqual({ jobs: 3, inDoubtAtMost: 2, inDoubt });
      expect((await next.figures(id)).in_doubt).toEqual([
        { model: null, calls: 2, input_tokens: 50, output_tokens: 500 },
      ]);
    });

    test("says so by model and by group, each at most: any of the claims may have had a slot", async () => {
      const rig = newRig();
      const [gone, next] = [await rig.open(), await rig.open()];
      const rows = ["x", "x", "y"].map((group, at) =>
        importRow(at + 1, { group, charge: { inputTokens: at + 1, outputTokens: 10 } }),
      );
      const { id } = await storeRun(next, [...rows, importRow(4, { group: "y", model: "big" })]);
      await gone.attach(id, 2);
      await gone.claim(id, queueOf(), 3);
      await gone.claim(id, queueOf("big"), 1);
      await gone.close();
      const ahead = await next.unrescued(id);
      const { inDoubt } = await next.rescue();
      const plain = { model: null, calls: 2, inputTokens: 5, outputTokens: 20 };
      const big = { model: "big", calls: 1, inputTokens: 10, outputTokens: 100 };
      expect(inDoubt).toEqual(expect.arrayContaining([plain, big].map((doubt) => ({ run: id, ...doubt }))));
      const { run, hour } = await next.spend(id);
      expect(run.inDoubt).toHaveLength(5);
      expect(run.inDoubt).toEqual(
        expect.arrayContaining([
          { group: null, ...plain },
          { group: null, ...big },
          { group: "x", model: null, calls: 2, inputTokens: 3, outputTokens: 20 },
          { group: "y", model: null, calls: 1, inputTokens: 3, outputTokens: 10 },
          { group: "y", ...big },
        ]),
      );
      expect(hour.inDoubt).toEqual(run.inDoubt);
      expect(ahead).toMatchObject({ calls: 2, groups: expect.arrayContaining(["x", "y"]) });
      expect(ahead.groups).toHaveLength(2);
      expect(ahead.inDoubt).toHaveLength(5);
      expect(ahead.inDoubt).toEqual(expect.arrayContaining([...run.inDoubt]));
      expect(await next.unrescued(id)).toEqual({ calls: 0, groups: [], inDoubt: [] });
    });

    test("leaves the claims of the living alone, its own included", async () => {
      const rig = newRig();
      const [store, living] = [await rig.open(), await rig.open()];
      const { id } = await storeRun(store, 2);
      const [own] = await store.claim(id, queueOf(), 1);
      const [other] = await living.claim(id, queueOf(), 1);
      expect(await store.rescue()).toEqual(NOTHING);
      expect(await store.record(endingOf(own!, "succeeded"))).toBe("recorded");
      expect(await living.record(endingOf(other!, "succeeded"))).toBe("recorded");
    });

    test("a row that was taken back takes the answer that comes after all, and its call is in doubt no more", async () => {
      const rig = newRig();
      const [slept, next] = [await rig.open(), await rig.open()];
      const { id } = await storeRun(next, 2);
      await slept.attach(id, 2);
      const jobs = await slept.claim(id, queueOf(), 2);
      await rig.takeForDead(jobs[0]!);
      expect(await next.rescue()).toMatchObject({ jobs: 2, inDoubtAtMost: 2 });
      expect(await slept.record(endingOf(jobs[0]!, "succeeded"))).toBe("recorded");
      const { jobs: states, attempts } = await next.figures(id);
      expect(states).toMatchObject({ succeeded: 1, pending: 1, running: 0 });
      expect(attempts).toMatchObject({ total: 2, succeeded: 1, in_doubt: 1 });
      expect((await next.spend(id)).run.inDoubt).toMatchObject([{ calls: 1 }]);
    });

    test("where another has the row by then, that one's answer counts: no call is counted twice", async () => {
      const rig = newRig();
      const [slept, next] = [await rig.open(), await rig.open()];
      const { id } = await storeRun(next, 3);
      await slept.attach(id, 2);
      const late = await slept.claim(id, queueOf(), 2);
      await rig.takeForDead(late[0]!);
      await next.rescue();
      const again = await next.claim(id, queueOf(), 2);
      // Joined anew before its old calls come back.
      await slept.claim(id, queueOf(), 1);
      for (const job of late) expect(await slept.record(endingOf(job, "succeeded"))).toBe("superseded");
      for (const job of again) expect(await next.record(endingOf(job, "succeeded"))).toBe("recorded");
      expect((await next.figures(id)).attempts).toMatchObject({ total: 4, succeeded: 4, in_doubt: 0 });
      expect((await next.spend(id)).run.inDoubt.filter(({ calls }) => calls > 0)).toEqual([]);
      const checks = await next.verify();
      expect(checks.filter(({ verdict }) => verdict === "failed")).toEqual([]);
    });

    test("a process that ended cleanly leaves nothing to rescue", async () => {
      const rig = newRig();
      const [gone, next] = [await rig.open(), await rig.open()];
      const { id } = await storeRun(next, 1);
      const [job] = await gone.claim(id, queueOf(), 1);
      await gone.record(endingOf(job!, "succeeded"));
      await gone.close();
      expect(await next.rescue()).toEqual(NOTHING);
    });
  });
}
