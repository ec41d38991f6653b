import { describe, expect, test } from "vitest";
import type { Outcome } from "../../../src/domain/outcome.ts";
import { moveBreaker, rigWith } from "../../helpers/drained-run.ts";
import { outcomeOf } from "../../helpers/outcome.ts";
import { ScriptedProvider } from "../../helpers/scripted-provider.ts";
import { endingOf, hashed, queueOf, storeRun } from "../../helpers/stored-run.ts";

const SECOND = 1_000;
const ROW_CHARACTERS = '{"prompt":"hi"}'.length;
describe("a drain", () => {
  test("finishes a run with one call a row", async () => {
    const rig = await rigWith(100);
    const provider = new ScriptedProvider(rig.clock, 100);
    expect(await rig.drain(() => provider)).toBeNull();
    expect(provider.sentAt).toHaveLength(100);
    expect(provider.peakInFlight).toBe(8);
    expect(provider.held).toBe(0);
    expect((await rig.store.figures(rig.run.id)).jobs).toMatchObject({ total: 100, succeeded: 100 });
  });

  test("keeps every slot busy: the whole takes no longer than its rounds", async () => {
    const rig = await rigWith(80);
    const provider = new ScriptedProvider(rig.clock, 100);
    await rig.drain(() => provider);
    expect(rig.clock.now()).toBe(10 * 100);
  });

  test("claims no row after row while every slot has a call and none has ended", async () => {
    const rig = await rigWith(100);
    const { clock, store } = rig;
    const claim = store.claim.bind(store);
    const claimed: number[] = [];
    store.claim = async (...request) => {
      const jobs = await claim(...request);
      if (clock.now() < 100) claimed.push(jobs.length);
      return jobs;
    };
    await rig.drain(() => new ScriptedProvider(clock, 100));
    expect(claimed).toEqual([8, 1]);
  });

  test.each([
    ["as many at once as its window holds", 3 * ROW_CHARACTERS, 3],
    ["one at a time where its window holds none", 1, 1],
  ])("works on %s", async (_, windowCharacters, atOnce) => {
    const rig = await rigWith(20);
    const provider = new ScriptedProvider(rig.clock, 100);
    expect(await rig.drain(() => provider, { windowCharacters })).toBeNull();
    expect(provider.peakInFlight).toBe(atOnce);
    expect(provider.sentAt).toHaveLength(20);
  });

  test("stops when no connection can be opened, and blames neither the row nor the provider", async () => {
    const rig = await rigWith(20);
    const provider = new ScriptedProvider(rig.clock, 100, () =>
      outcomeOf("aborted", { code: "too_many_files" }),
    );
    const end = await rig.drain(() => provider);
    expect(end).toMatchObject({ code: "TOO_MANY_FILES", exitCode: 75 });
    expect(rig.events.some((event) => event.type === "gate" && event.event.type === "opened")).toBe(false);
    expect((await rig.store.figures(rig.run.id)).jobs).toMatchObject({ pending: 20, failed: 0 });
  });

  test("ends when another process cancels the run, and sends none of its rows any more", async () => {
    const rig = await rigWith(200);
    const provider = new ScriptedProvider(rig.clock, 500);
    rig.clock.timer(700, () => void rig.store.cancel(rig.run.id));
    expect(await rig.drain(() => provider)).toBeNull();
    expect(rig.clock.now()).toBeLessThanOrEqual(2 * SECOND);
    expect(provider.sentAt.filter((at) => at > SECOND)).toEqual([]);
    expect((await rig.store.findRun({ id: rig.run.id }))?.state).toBe("cancelled");
  });

  test("ends when its work is done, though the breaker was opened by hand meanwhile", async () => {
    const rig = await rigWith(2);
    const provider = new ScriptedProvider(rig.clock, 5 * SECOND);
    rig.clock.timer(SECOND + 500, () => void moveBreaker(rig, "open"));
    expect(await rig.drain(() => provider)).toBeNull();
    expect((await rig.store.figures(rig.run.id)).jobs.succeeded).toBe(2);
  });

  test("stops at the deadline, gives back what was not sent, and can be gone on with", async () => {
    const rig = await rigWith(100);
    const provider = new ScriptedProvider(rig.clock, 100);
    const bounds = { deadlineMs: 250, stallTimeoutMs: null, maxFailures: null };
    const end = await rig.drain(() => provider, { bounds });
    expect(end).toMatchObject({ code: "DEADLINE", exitCode: 75 });
    const { jobs, attempts } = await rig.store.figures(rig.run.id);
    expect(jobs).toMatchObject({ running: 0, succeeded: 24, pending: 76 });
    expect(attempts.total).toBe(24);
  });

  test("names --timeout as what stalled it only where every call met it", async () => {
    const slow = outcomeOf("interrupted", { code: "timeout", message: "no answer within 5s (--timeout)" });
    const bounds = { deadlineMs: null, stallTimeoutMs: 60 * SECOND, maxFailures: null };
    const told = async (...others: Outcome[]): Promise<unknown> => {
      const rig = await rigWith(10);
      const provider = new ScriptedProvider(rig.clock, 100, () => others.pop() ?? slow);
      const end = await rig.drain(() => provider, { bounds });
      return [end?.code, end?.raise];
    };
    expect(await told()).toEqual(["STALLED", "--timeout LONGER"]);
    expect(await told(outcomeOf("succeeded"))).toEqual(["STALLED", "--timeout LONGER"]);
    expect(await told(outcomeOf("transient"))).toEqual(["STALLED", undefined]);
    expect(await told(outcomeOf("transient", { code: "timeout" }))).toEqual(["STALLED", undefined]);
  });

  test("says how the last call ended where it stalls", async () => {
    const bounds = { deadlineMs: null, stallTimeoutMs: 60 * SECOND, maxFailures: null };
    const rig = await rigWith(10);
    const bad = outcomeOf("overloaded", { code: "http_503", message: "503 Service Unavailable." });
    const end = await rig.drain(() => new ScriptedProvider(rig.clock, 100, () => bad), { bounds });
    expect(end?.message).toBe(
      "no call succeeded for 1m: --stall-timeout; the last got http_503: 503 Service Unavailable",
    );
  });

  test("stops with STALLED when nothing has succeeded for the stall timeout", async () => {
    const rig = await rigWith(10);
    const provider = new ScriptedProvider(rig.clock, 100, () => outcomeOf("throttled"));
    const bounds = { deadlineMs: null, stallTimeoutMs: 60 * SECOND, maxFailures: null };
    const end = await rig.drain(() => provider, { bounds });
    expect(end).toMatchObject({ code: "STALLED", exitCode: 75 });
    expect(rig.clock.now()).toBeLessThan(62 * SECOND);
    expect((await rig.store.figures(rig.run.id)).jobs).toMatchObject({ pending: 10, failed: 0 });
  });

  const noMoreThanTen = { deadlineMs: null, stallTimeoutMs: null, maxFailures: { rows: 10 } };

  test("rows that fail in other processes count for --max-failures", async () => {
    const rig = await rigWith(100);
    const provider = new ScriptedProvider(rig.clock, SECOND);
    rig.clock.timer(500, async () => {
      const jobs = await rig.store.claim(rig.run.id, queueOf(), 11);
      await Promise.all(jobs.map((job) => rig.store.record(endingOf(job, "rejected"))));
    });
    expect(await rig.drain(() => provider, { bounds: noMoreThanTen })).toMatchObject({
      code: "TOO_MANY_FAILURES",
      message: "11 rows failed for good: --max-failures 10",
    });
    expect(provider.sentAt.length).toBeLessThanOrEqual(8);
  });

  test("and so do rows that fail with the one they follow", async () => {
    const rows = Array.from({ length: 100 }, (_, at) => hashed(at + 1, at < 11 ? "same" : `${at}`));
    const rig = await rigWith(0);
    const run = await storeRun(rig.store, rows, {
      fingerprint: "twins",
      sharing: { dedupe: true, reuse: false },
    });
    const provider = new ScriptedProvider(rig.clock, SECOND, ({ key }) =>
      outcomeOf(key === "row-1" ? "rejected" : "succeeded"),
    );
    expect(await rig.drain(() => provider, { run: run.id, bounds: noMoreThanTen })).toMatchObject({
      code: "TOO_MANY_FAILURES",
    });
    expect(provider.sentAt.length).toBeLessThanOrEqual(2 * 8);
  });

  test("due retries go before fresh rows (curator: all retries wait for the end of the first pass)", async () => {
    const rig = await rigWith(400);
    const failed = new Set<number>();
    const provider = new ScriptedProvider(rig.clock, 100, (job) => {
      if (job.key !== "row-1" || failed.has(job.id)) return outcomeOf("succeeded");
      failed.add(job.id);
      return outcomeOf("transient");
    });
    await rig.drain(() => provider);
    const order = rig.events.flatMap((event) => (event.type === "recorded" ? [event.ending.job] : []));
    const again = order.findIndex(({ key, attempt }) => key === "row-1" && attempt === 2);
    expect(again).toBeGreaterThan(0);
    expect(again).toBeLessThan(150);
  });
});
