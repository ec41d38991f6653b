import { describe, expect, test } from "vitest";
import type { Store } from "../../../src/ports/store.ts";
import { endingOf, queueOf, storeRun } from "../../helpers/stored-run.ts";
import type { NewStoreRig } from "./store-rig.ts";

/** Lets the only job of a run fail once more. */
async function fail(store: Store, run: string, state: "pending" | "failed" = "pending") {
  const [job] = await store.claim(run, queueOf(), 1);
  await store.record(endingOf(job!, "transient", { decision: { state } }));
  return { job: job!.id, attempt: job!.attempt };
}

export function describeForgiveness(newRig: NewStoreRig): void {
  describe("giving failures back", () => {
    test("each attempt's once, however often it is asked for", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, 1);
      const first = await fail(store, id);
      await fail(store, id);
      expect(await store.forgive([first, first])).toBe(0);
      expect(await store.forgive([first])).toBe(0);
      expect((await store.job(id, "row-1"))?.failures).toBe(1);
    });

    test("a job that failed with that attempt is pending again, and the run is open", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, 1);
      const failure = await fail(store, id, "failed");
      expect(await store.finishRun(id)).toBe(true);
      expect(await store.forgive([failure])).toBe(1);
      const { jobs, failures } = await store.figures(id);
      expect(jobs).toMatchObject({ pending: 1, failed: 0 });
      expect(failures).toEqual([]);
      expect((await store.findRun({ id }))?.state).toBe("open");
      expect((await store.claim(id, queueOf(), 1))[0]).toMatchObject({ attempt: 2, failures: 0 });
    });

    test("an earlier attempt's failure doesn't revive a job that failed later", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, 1);
      const early = await fail(store, id);
      await fail(store, id, "failed");
      expect(await store.forgive([early])).toBe(0);
      expect(await store.job(id, "row-1")).toMatchObject({ state: "failed", failures: 1 });
    });

    test("an attempt that used up no failure gives none back", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, 1);
      await fail(store, id);
      const [job] = await store.claim(id, queueOf(), 1);
      await store.record(endingOf(job!, "unreachable"));
      await store.forgive([{ job: job!.id, attempt: job!.attempt }]);
      expect((await store.job(id, "row-1"))?.failures).toBe(1);
    });

    test("a failure from before the job was put back gives none back", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, 1);
      const early = await fail(store, id, "failed");
      await store.retry(id, {});
      await fail(store, id);
      await store.forgive([early]);
      expect((await store.job(id, "row-1"))?.failures).toBe(1);
    });

    test("no more than ten times a job", async () => {
      const store = await newRig().open();
      const { id } = await storeRun(store, 1);
      for (let outage = 0; outage < 12; outage++) await store.forgive([await fail(store, id)]);
      expect((await store.job(id, "row-1"))?.failures).toBe(2);
    });
  });
}
