import { describe, expect, test } from "vitest";
import { stopReason } from "../../../src/domain/stop-reason.ts";
import { endingOf, queueOf, storeRun } from "../../helpers/stored-run.ts";
import type { NewStoreRig } from "./store-rig.ts";

const INTERRUPTED = stopReason.signal("SIGINT");
const STALLED = stopReason.stalled(60_000, "no reply within 1s");

export function describeStops(newRig: NewStoreRig): void {
  describe("why a run stopped", () => {
    test("is told to others, with when and by whom, each process for itself", async () => {
      const rig = newRig();
      const [one, two] = [await rig.open(), await rig.open()];
      const { id } = await storeRun(one, 3);
      await two.attach(id, 1);
      const startedAt = rig.clock.wall();
      await two.noteStop(id, STALLED);
      rig.clock.advance(5_000);
      await one.noteStop(id, INTERRUPTED);
      const reader = await rig.open();
      const who = { host: expect.stringMatching(/./), pid: process.pid };
      expect(await reader.stops(id)).toEqual([
        { ...STALLED, ...who, at: startedAt },
        { ...INTERRUPTED, ...who, at: startedAt + 5_000 },
      ]);
      await Promise.all([one.close(), two.close()]);
      expect((await reader.stops(id)).map(({ code }) => code)).toEqual(["STALLED", "SIGINT"]);
    });

    test("is what is said last, as of when it began", async () => {
      const rig = newRig();
      const store = await rig.open();
      const { id } = await storeRun(store, 1);
      const startedAt = rig.clock.wall();
      await store.noteStop(id, INTERRUPTED);
      rig.clock.advance(5_000);
      await store.noteStop(id, STALLED);
      expect(await store.stops(id)).toMatchObject([{ ...STALLED, at: startedAt }]);
    });

    test("stays while its process goes on with other runs, and until it comes back to this one", async () => {
      const rig = newRig();
      const [store, other] = [await rig.open(), await rig.open()];
      const [{ id }, { id: next }] = [await storeRun(store, 3), await storeRun(store, 1)];
      await store.attach(id, 1);
      const [job] = await store.claim(id, queueOf(), 1);
      await store.noteStop(id, STALLED);
      await store.detach(id);
      expect(await other.isWorkedOn(id)).toBe(true);
      await store.record(endingOf(job!, "succeeded"));
      await store.detach(id);
      await store.attach(next, 1);
      expect([await other.isWorkedOn(id), await other.isWorkedOn(next)]).toEqual([false, true]);
      expect(await other.stops(id)).toMatchObject([STALLED]);
      expect(await other.rescue()).toMatchObject({ jobs: 0 });
      await store.attach(id, 1);
      await store.forgetStops(id);
      expect(await other.isWorkedOn(id)).toBe(true);
      const [again] = await store.claim(id, queueOf(), 1);
      expect(await store.record(endingOf(again!, "succeeded"))).toBe("recorded");
      expect(await other.stops(id)).toEqual([]);
    });

    test("is past for who goes on with it, and starts anew", async () => {
      const rig = newRig();
      const store = await rig.open();
      const { id } = await storeRun(store, 1);
      await store.noteStop(id, STALLED);
      await store.forgetStops(id);
      expect(await store.stops(id)).toEqual([]);
      rig.clock.advance(5_000);
      await store.noteStop(id, INTERRUPTED);
      expect(await store.stops(id)).toMatchObject([{ code: "SIGINT", at: rig.clock.wall() }]);
    });

    test("is past when it ends, and nothing is noted of one that has ended", async () => {
      const store = await newRig().open();
      const [done, cancelled] = [await storeRun(store, 1), await storeRun(store, 1)];
      for (const { id } of [done, cancelled]) await store.noteStop(id, INTERRUPTED);
      const [job] = await store.claim(done.id, queueOf(), 1);
      await store.record(endingOf(job!, "rejected"));
      await store.finishRun(done.id);
      await store.cancel(cancelled.id);
      for (const { id } of [done, cancelled]) {
        expect(await store.stops(id)).toEqual([]);
        await store.noteStop(id, INTERRUPTED);
      }
      await store.retry(done.id, {});
      expect(await store.findRun({ id: done.id })).toMatchObject({ state: "open" });
      expect(await store.stops(done.id)).toEqual([]);
    });

    test("is not on record of a process that left without a word, nor of one at work", async () => {
      const rig = newRig();
      const [gone, atWork] = [await rig.open(), await rig.open()];
      const { id } = await storeRun(gone, 2);
      await gone.attach(id, 1);
      await atWork.attach(id, 1);
      await gone.close();
      expect(await atWork.stops(id)).toEqual([]);
      expect(await (await rig.open()).stops(id)).toEqual([]);
    });

    test("is that its process died, before and after its claims are taken back", async () => {
      const rig = newRig();
      const [gone, other] = [await rig.open(), await rig.open()];
      const { id } = await storeRun(other, 2);
      await gone.attach(id, 1);
      const startedAt = rig.clock.wall();
      const [job] = await gone.claim(id, queueOf(), 1);
      await rig.takeForDead(job!);
      rig.clock.advance(60_000);
      const died = [{ ...stopReason.died(), pid: process.pid, at: startedAt + 4_000 }];
      expect(await other.stops(id)).toMatchObject(died);
      expect((await other.rescue()).jobs).toBe(1);
      expect(await other.stops(id)).toMatchObject(died);
      await other.forgetStops(id);
      expect(await other.stops(id)).toEqual([]);
    });

    test("is what a process said before it died", async () => {
      const rig = newRig();
      const [gone, other] = [await rig.open(), await rig.open()];
      const { id } = await storeRun(other, 2);
      await gone.attach(id, 1);
      const [job] = await gone.claim(id, queueOf(), 1);
      await gone.noteStop(id, INTERRUPTED);
      await rig.takeForDead(job!);
      await other.rescue();
      expect(await other.stops(id)).toMatchObject([INTERRUPTED]);
    });
  });
}
