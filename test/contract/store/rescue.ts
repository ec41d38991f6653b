import { describe, expect, test } from "vitest";
import { endingOf, storeRun } from "../../helpers/stored-run.ts";
import type { NewStoreRig } from "./suite.ts";

const NOTHING = { jobs: 0, inDoubtAtMost: 0 };

export function describeRescue(newRig: NewStoreRig): void {
  describe("rescuing", () => {
    test("takes back what a process left behind, and says how many calls may have been made", async () => {
      const rig = newRig();
      const [gone, next] = [await rig.open(), await rig.open()];
      const { id } = await storeRun(next, 6);
      await gone.attach(id, 2);
      await gone.claim(id, null, 5);
      await gone.close();
      expect(await next.rescue()).toEqual({ jobs: 5, inDoubtAtMost: 2 });
      expect(await next.rescue()).toEqual(NOTHING);
      const { jobs, attempts } = await next.figures(id);
      expect(jobs).toMatchObject({ pending: 6, running: 0 });
      expect(attempts).toMatchObject({ total: 2, in_doubt: 2 });
      expect((await next.job(id, "row-1"))?.history).toMatchObject([{ attempt: 1, kind: "in_doubt" }]);
      expect((await next.claim(id, null, 1))[0]).toMatchObject({ key: "row-1", attempt: 2, failures: 0 });
    });

    test("no more calls are in doubt than jobs were claimed", async () => {
      const rig = newRig();
      const [gone, next] = [await rig.open(), await rig.open()];
      const { id } = await storeRun(next, 6);
      await gone.attach(id, 64);
      await gone.claim(id, null, 3);
      await gone.close();
      expect(await next.rescue()).toEqual({ jobs: 3, inDoubtAtMost: 3 });
    });

    test("leaves the claims of the living alone, its own included", async () => {
      const rig = newRig();
      const [store, living] = [await rig.open(), await rig.open()];
      const { id } = await storeRun(store, 2);
      const [own] = await store.claim(id, null, 1);
      const [other] = await living.claim(id, null, 1);
      expect(await store.rescue()).toEqual(NOTHING);
      expect(await store.record(endingOf(own!, "succeeded"))).toBe(true);
      expect(await living.record(endingOf(other!, "succeeded"))).toBe(true);
    });

    test("a process that ended cleanly leaves nothing to rescue", async () => {
      const rig = newRig();
      const [gone, next] = [await rig.open(), await rig.open()];
      const { id } = await storeRun(next, 1);
      const [job] = await gone.claim(id, null, 1);
      await gone.record(endingOf(job!, "succeeded"));
      await gone.close();
      expect(await next.rescue()).toEqual(NOTHING);
    });
  });
}
