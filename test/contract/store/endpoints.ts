import { describe, expect, test } from "vitest";
import { endingOf, queueOf, storeRun } from "../../helpers/stored-run.ts";
import type { NewStoreRig } from "./store-rig.ts";

export function describeEndpoints(newRig: NewStoreRig): void {
  describe("what others have written", () => {
    test("shows in the version, and what the process itself writes doesn't", async () => {
      const rig = newRig();
      const store = await rig.open();
      const other = await rig.open();
      const run = await storeRun(other, 3);
      await store.attach(run.id, 1);
      const before = await store.othersVersion();
      const [job] = await store.claim(run.id, queueOf(), 1);
      await store.record(endingOf(job!, "succeeded"));
      await other.figures(run.id);
      expect(await store.othersVersion()).toBe(before);
      const [next] = await other.claim(run.id, queueOf(), 1);
      const claimed = await store.othersVersion();
      expect(claimed).not.toBe(before);
      await other.record(endingOf(next!, "succeeded"));
      expect(await store.othersVersion()).not.toBe(claimed);
    });
  });

  describe("endpoints", () => {
    test("processes change their state one after the other", async () => {
      const rig = newRig();
      const stores = [await rig.open(), await rig.open()];
      const add = (state: string | null): string => String(Number(state) + 1);
      await Promise.all(Array.from({ length: 20 }, (_, at) => stores[at % 2]!.updateEndpoint("e", add)));
      expect(await stores[0]!.listEndpoints()).toEqual([
        { endpoint: "e", state: "20", updatedAt: rig.clock.wall() },
      ]);
    });

    test("a change that changes nothing writes nothing", async () => {
      const rig = newRig();
      const store = await rig.open();
      expect(await store.updateEndpoint("e", (state) => state)).toBeNull();
      expect(await store.listEndpoints()).toEqual([]);
      await store.updateEndpoint("e", () => "1");
      const before = await store.listEndpoints();
      rig.clock.advance(1_000);
      expect(await store.updateEndpoint("e", (state) => state)).toBe("1");
      expect(await store.listEndpoints()).toEqual(before);
    });

    test("a change that throws leaves the state as it was, and the writes beside it go through", async () => {
      const store = await newRig().open();
      const broken = store.updateEndpoint("e", () => {
        throw new Error("broken");
      });
      const whole = store.updateEndpoint("f", () => "1");
      await expect(broken).rejects.toThrow("broken");
      await expect(whole).resolves.toBe("1");
      expect((await store.listEndpoints()).map(({ endpoint }) => endpoint)).toEqual(["f"]);
    });
  });
}
