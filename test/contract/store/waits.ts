import { describe, expect, test } from "vitest";
import type { Run } from "../../../src/domain/run.ts";
import type { Store } from "../../../src/ports/store.ts";
import { endingOf, queueOf, storeRun } from "../../helpers/stored-run.ts";
import type { NewStoreRig, StoreRig } from "./store-rig.ts";

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const LONGEST = 60 * SECOND;

export function describeWaits(newRig: NewStoreRig): void {
  describe("waits, when the wall clock is set back", () => {
    test("are cut to the longest there can be", async () => {
      const { rig, store, run } = await waiting(newRig(), null);
      rig.clock.jumpWall(-2 * HOUR);
      await store.capWaits(run.id, LONGEST);
      expect(await store.nextAvailableAt(run.id, queueOf())).toBe(rig.clock.wall() + LONGEST);
      rig.clock.advance(LONGEST);
      expect(await store.claim(run.id, queueOf(), 1)).toHaveLength(1);
    });

    test("are not cut below what the provider asked", async () => {
      const { rig, store, run } = await waiting(newRig(), 15 * 60 * SECOND);
      rig.clock.jumpWall(-2 * HOUR);
      await store.capWaits(run.id, LONGEST);
      expect(await store.nextAvailableAt(run.id, queueOf())).toBe(rig.clock.wall() + 15 * 60 * SECOND);
    });

    test("stay as they are while the clock is right", async () => {
      for (const hintMs of [null, 15 * 60 * SECOND]) {
        const { rig, store, run } = await waiting(newRig(), hintMs);
        const before = await store.nextAvailableAt(run.id, queueOf());
        rig.clock.advance(4 * SECOND);
        await store.capWaits(run.id, LONGEST);
        expect(await store.nextAvailableAt(run.id, queueOf())).toBe(before);
      }
    });

    test("are those of one run: another's are left alone", async () => {
      const { rig, store, run } = await waiting(newRig(), null);
      const other = await storeRun(store, 1, { fingerprint: "other" });
      const before = await store.nextAvailableAt(run.id, queueOf());
      rig.clock.jumpWall(-2 * HOUR);
      await store.capWaits(other.id, LONGEST);
      expect(await store.nextAvailableAt(run.id, queueOf())).toBe(before);
    });
  });

  test("waits are ended for all pending jobs of one run", async () => {
    const { store, run } = await waiting(newRig(), HOUR);
    const other = await storeRun(store, 1, { fingerprint: "other" });
    await store.endWaits(other.id);
    expect(await store.claim(run.id, queueOf(), 1)).toEqual([]);
    await store.endWaits(run.id);
    expect(await store.claim(run.id, queueOf(), 1)).toHaveLength(1);
    await store.endWaits(run.id);
    expect((await store.figures(run.id)).jobs).toMatchObject({ pending: 0, running: 1 });
  });
}

/** A run of one row, which failed just now and waits for as long as the provider asked, or for ten seconds. */
async function waiting(
  rig: StoreRig,
  retryAfterMs: number | null,
): Promise<{ rig: StoreRig; store: Store; run: Run }> {
  const store = await rig.open();
  const run = await storeRun(store, 1);
  const [job] = await store.claim(run.id, queueOf(), 1);
  const availableAt = rig.clock.wall() + (retryAfterMs ?? 10 * SECOND);
  await store.record(endingOf(job!, "transient", { outcome: { retryAfterMs }, decision: { availableAt } }));
  return { rig, store, run };
}
