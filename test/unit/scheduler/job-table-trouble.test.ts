import { expect, test } from "vitest";
import { LlmBatchError } from "../../../src/domain/errors.ts";
import type { Provider } from "../../../src/ports/provider.ts";
import type { RunEvent } from "../../../src/scheduler/events.ts";
import { outletOf, rigWith } from "../../helpers/drained-run.ts";
import { ScriptedProvider } from "../../helpers/scripted-provider.ts";

const SECOND = 1_000;

test("a job table that is away for a minute is no stall of the provider's, nor are its calls taken for slow", async () => {
  const rig = await rigWith(600);
  const { clock, store } = rig;
  const record = store.record.bind(store);
  store.record = async (ending) => {
    const isAway = clock.now() > SECOND && clock.now() < 61 * SECOND;
    if (isAway) await new Promise<void>((resolve) => clock.timer(61 * SECOND, resolve));
    return record(ending);
  };
  // When it is back, the provider stalls in truth.
  const hangs = { from: 64 * SECOND, to: 104 * SECOND };
  const provider = new ScriptedProvider(clock, 100);
  const hanging = new ScriptedProvider(clock, 40 * SECOND);
  const isHanging = (): boolean => clock.now() >= hangs.from && clock.now() < hangs.to;
  const both: Provider = {
    name: "test",
    model: null,
    endpoint: "test",
    prepare: (job) => (isHanging() ? hanging : provider).prepare(job),
    close: async () => {},
  };
  const opened: number[] = [];
  const observe = (event: RunEvent): void => {
    if (event.type === "gate" && event.event.type === "opened") opened.push(clock.now());
  };
  expect(await rig.drain(() => both, { observe })).toBeNull();
  expect(opened).toEqual([hangs.from + 10 * SECOND]);
  expect((await store.figures(rig.run.id)).jobs).toMatchObject({ succeeded: 600, failed: 0 });
});

test("where a disk is full between two claims, what the first took is given back", async () => {
  const rig = await rigWith(8, ["a", "b"]);
  const { store } = rig;
  const full = new LlmBatchError({
    code: "DISK_FULL",
    message: "the disk is full",
    hint: "free some space",
  });
  const claim = store.claim.bind(store);
  const claimed: number[] = [];
  store.claim = async (run, queue, ...rest) => {
    if (claimed.length > 0) throw full;
    const jobs = await claim(run, queue, ...rest);
    claimed.push(jobs.length);
    return jobs;
  };
  const outlet = outletOf(new ScriptedProvider(rig.clock, 100), { models: ["a", "b"] });
  expect(await rig.drainThrough([outlet])).toMatchObject({ code: "DB_UNREACHABLE" });
  expect(claimed).toEqual([4]);
  const { jobs, attempts } = await store.figures(rig.run.id);
  expect(jobs.running).toBe(0);
  expect(jobs.succeeded).toBe(attempts.total);
});

test("where the database refuses to go on, calls in flight come to their end before that is told", async () => {
  const rig = await rigWith(200);
  const { clock, store } = rig;
  const refused = new LlmBatchError({ code: "DB_REFUSED", message: "refused", hint: "check the password" });
  const claim = store.claim.bind(store);
  store.claim = async (...request) => {
    if (clock.now() >= SECOND) throw refused;
    return claim(...request);
  };
  const provider = new ScriptedProvider(clock, 300);
  await expect(rig.drain(() => provider)).rejects.toBe(refused);
  expect((await store.figures(rig.run.id)).jobs).toMatchObject({
    running: 0,
    succeeded: provider.sentAt.length,
  });
});
