import { afterEach, describe, expect, test } from "vitest";
import type { BreakerCommand } from "../../../src/control/breaker/breaker.ts";
import { commandShared } from "../../../src/control/shared-breaker.ts";
import { LlmBatchError } from "../../../src/domain/errors.ts";
import type { Provider } from "../../../src/ports/provider.ts";
import type { RunEvent } from "../../../src/scheduler/events.ts";
import { StopSwitch, stopReason } from "../../../src/scheduler/stop.ts";
import { outletOf, type Rig, rigWith, UNLIMITED } from "../../helpers/drained-run.ts";
import { outcomeOf } from "../../helpers/outcome.ts";
import { ScriptedProvider } from "../../helpers/scripted-provider.ts";
import { endingOf, hashed, queueOf, storeRun } from "../../helpers/stored-run.ts";

const SECOND = 1_000;
const ROW_CHARACTERS = '{"prompt":"hi"}'.length;
let rig: Rig;

afterEach(() => rig.store.close());

const byHand =
  (command: BreakerCommand) =>
  (state: string | null): string | null => {
    const settings = { failures: 5, cooldownMs: 1, probes: 1, on429: false };
    const { clock } = rig;
    const moment = { now: clock.now(), wall: clock.wall(), random: () => 0.5, settings, maxConcurrency: 8 };
    return state && commandShared(state, command, moment);
  };

describe("a drain", () => {
  test("finishes a run with one call a row", async () => {
    rig = await rigWith(100);
    const provider = new ScriptedProvider(rig.clock, 100);
    expect(await rig.drain(() => provider)).toBeNull();
    expect(provider.sentAt).toHaveLength(100);
    expect(provider.peakInFlight).toBe(8);
    expect(provider.held).toBe(0);
    expect((await rig.store.figures(rig.run.id)).jobs).toMatchObject({ total: 100, succeeded: 100 });
  });

  test("keeps every slot busy: the whole takes no longer than its rounds", async () => {
    rig = await rigWith(80);
    const provider = new ScriptedProvider(rig.clock, 100);
    await rig.drain(() => provider);
    expect(rig.clock.now()).toBe(10 * 100);
  });

  test.each([
    ["as many at once as its window holds", 3 * ROW_CHARACTERS, 3],
    ["one at a time where its window holds none", 1, 1],
  ])("works on %s", async (_, windowCharacters, atOnce) => {
    rig = await rigWith(20);
    const provider = new ScriptedProvider(rig.clock, 100);
    expect(await rig.drain(() => provider, { windowCharacters })).toBeNull();
    expect(provider.peakInFlight).toBe(atOnce);
    expect(provider.sentAt).toHaveLength(20);
  });

  test("stops when no connection can be opened, and blames neither the row nor the provider", async () => {
    rig = await rigWith(20);
    const provider = new ScriptedProvider(rig.clock, 100, () =>
      outcomeOf("aborted", { code: "too_many_files" }),
    );
    const end = await rig.drain(() => provider);
    expect(end).toMatchObject({ code: "TOO_MANY_FILES", exitCode: 75 });
    expect(rig.events.some((event) => event.type === "gate" && event.event.type === "opened")).toBe(false);
    expect((await rig.store.figures(rig.run.id)).jobs).toMatchObject({ pending: 20, failed: 0 });
  });

  test("an outage of 20 s in the middle is probed, uses up no attempts, and every row is done afterwards", async () => {
    rig = await rigWith(2_000);
    const outage = { from: 5 * SECOND, to: 25 * SECOND };
    const isOut = (at: number): boolean => at >= outage.from && at < outage.to;
    const provider = new ScriptedProvider(rig.clock, 100, (_, sentAt) =>
      outcomeOf(isOut(sentAt) ? "overloaded" : "succeeded"),
    );
    const rules = { maxAttempts: 1, schemaAttempts: 3, backoffBaseMs: 100, backoffMaxMs: 1_000 };
    expect(await rig.drain(() => provider, { rules })).toBeNull();
    const sentInIt = provider.sentAt.filter(isOut).length;
    expect(sentInIt).toBeLessThanOrEqual(12 + 8);
    const figures = await rig.store.figures(rig.run.id);
    expect(figures.jobs).toMatchObject({ succeeded: 2_000, failed: 0 });
    expect(rig.events.some((event) => event.type === "gate" && event.event.type === "opened")).toBe(true);
  });

  test("failures that come in among the last successes before an outage are given back too", async () => {
    rig = await rigWith(300);
    const isOut = (at: number): boolean => at >= SECOND && at < 4 * SECOND;
    // Refused at once, while the calls sent before take their time.
    const answering = new ScriptedProvider(rig.clock, 100);
    const refusing = new ScriptedProvider(rig.clock, 1, () => outcomeOf("overloaded"));
    const provider: Provider = {
      name: "test",
      model: null,
      endpoint: "test",
      prepare: (job) => (isOut(rig.clock.now()) ? refusing : answering).prepare(job),
      close: async () => {},
    };
    const rules = { maxAttempts: 1, schemaAttempts: 3, backoffBaseMs: 100, backoffMaxMs: 1_000 };
    const limits = { ...UNLIMITED, requestsPerMinute: 3_000 };
    await rig.drain(() => provider, { rules, limits });
    expect((await rig.store.figures(rig.run.id)).jobs).toMatchObject({ succeeded: 300, failed: 0 });
  });

  test("claims nothing while the breaker is open", async () => {
    rig = await rigWith(200);
    const provider = new ScriptedProvider(rig.clock, 10, () => outcomeOf("overloaded"));
    rig.clock.timer(1_500, () => rig.stop.stop(stopReason.signal("SIGINT")));
    const running: number[] = [];
    const look = async (): Promise<void> => {
      running.push((await rig.store.figures(rig.run.id)).jobs.running);
    };
    rig.clock.timer(1_000, () => void look());
    const end = await rig.drain(() => provider);
    expect(end?.code).toBe("SIGINT");
    expect(running).toEqual([expect.any(Number)]);
    expect(running[0]).toBeLessThanOrEqual(8 * 5);
  });

  test("one model's outage stops no other", async () => {
    rig = await rigWith(100, ["good", "bad"]);
    const good = new ScriptedProvider(rig.clock, 100, undefined, "good");
    const bad = new ScriptedProvider(
      rig.clock,
      100,
      (_, at) => outcomeOf(at < 10 * SECOND ? "overloaded" : "succeeded"),
      "bad",
    );
    expect(await rig.drain((model) => (model === "good" ? good : bad))).toBeNull();
    expect(good.sentAt.at(-1)).toBeLessThan(SECOND);
    expect((await rig.store.figures(rig.run.id)).jobs.succeeded).toBe(100);
  });

  test("ends when another process cancels the run, and sends none of its rows any more", async () => {
    rig = await rigWith(200);
    const provider = new ScriptedProvider(rig.clock, 500);
    rig.clock.timer(700, () => void rig.store.cancel(rig.run.id));
    expect(await rig.drain(() => provider)).toBeNull();
    expect(rig.clock.now()).toBeLessThanOrEqual(2 * SECOND);
    expect(provider.sentAt.filter((at) => at > SECOND)).toEqual([]);
    expect((await rig.store.findRun({ id: rig.run.id }))?.state).toBe("cancelled");
  });

  test("a cancelled run stays cancelled when the breaker opens afterwards", async () => {
    rig = await rigWith(20);
    const provider = new ScriptedProvider(rig.clock, 300, () => outcomeOf("transient"));
    rig.clock.timer(1_000, () => void rig.store.cancel(rig.run.id));
    const rules = { maxAttempts: 1, schemaAttempts: 3, backoffBaseMs: 100, backoffMaxMs: 1_000 };
    expect(await rig.drain(() => provider, { concurrency: 1, rules })).toBeNull();
    expect((await rig.store.findRun({ id: rig.run.id }))?.state).toBe("cancelled");
    expect((await rig.store.figures(rig.run.id)).jobs.pending).toBe(0);
  });

  test("ends when its work is done, though the breaker was opened by hand meanwhile", async () => {
    rig = await rigWith(2);
    const provider = new ScriptedProvider(rig.clock, 5 * SECOND);
    rig.clock.timer(SECOND + 500, () => void rig.store.updateEndpoint("test", byHand("open")));
    expect(await rig.drain(() => provider)).toBeNull();
    expect((await rig.store.figures(rig.run.id)).jobs.succeeded).toBe(2);
  });

  test("stops at the deadline, gives back what was not sent, and can be gone on with", async () => {
    rig = await rigWith(100);
    const provider = new ScriptedProvider(rig.clock, 100);
    const bounds = { deadlineMs: 250, stallTimeoutMs: null, maxFailures: null };
    const end = await rig.drain(() => provider, { bounds });
    expect(end).toMatchObject({ code: "DEADLINE", exitCode: 75 });
    const { jobs, attempts } = await rig.store.figures(rig.run.id);
    expect(jobs).toMatchObject({ running: 0, succeeded: 24, pending: 76 });
    expect(attempts.total).toBe(24);
  });

  test("stops with STALLED when nothing has succeeded for the stall timeout", async () => {
    rig = await rigWith(10);
    const provider = new ScriptedProvider(rig.clock, 100, () => outcomeOf("throttled"));
    const bounds = { deadlineMs: null, stallTimeoutMs: 60 * SECOND, maxFailures: null };
    const end = await rig.drain(() => provider, { bounds });
    expect(end).toMatchObject({ code: "STALLED", exitCode: 75 });
    expect(rig.clock.now()).toBeLessThan(62 * SECOND);
    expect((await rig.store.figures(rig.run.id)).jobs).toMatchObject({ pending: 10, failed: 0 });
  });

  test("a job table that is away for a minute is no stall of the provider's, nor are its calls taken for slow", async () => {
    rig = await rigWith(600);
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
    rig = await rigWith(8, ["a", "b"]);
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
    rig = await rigWith(200);
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

  const noMoreThanTen = { deadlineMs: null, stallTimeoutMs: null, maxFailures: { rows: 10 } };

  test("rows that fail in other processes count for --max-failures", async () => {
    rig = await rigWith(100);
    const provider = new ScriptedProvider(rig.clock, SECOND);
    rig.clock.timer(500, async () => {
      for (const job of await rig.store.claim(rig.run.id, queueOf(), 11))
        await rig.store.record(endingOf(job, "rejected"));
    });
    expect(await rig.drain(() => provider, { bounds: noMoreThanTen })).toMatchObject({
      code: "TOO_MANY_FAILURES",
      message: "11 rows failed for good: --max-failures 10",
    });
    expect(provider.sentAt.length).toBeLessThanOrEqual(8);
  });

  test("and so do rows that fail with the one they follow", async () => {
    const rows = Array.from({ length: 100 }, (_, at) => hashed(at + 1, at < 11 ? "same" : `${at}`));
    rig = await rigWith(0);
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

  test("a quota used up for the day is waited for, whatever the stall timeout", async () => {
    rig = await rigWith(10);
    const resetAt = 1_200 * SECOND;
    const provider = new ScriptedProvider(rig.clock, 100, (_, at) =>
      at < resetAt ? outcomeOf("exhausted", { retryAfterMs: resetAt }) : outcomeOf("succeeded"),
    );
    const bounds = { deadlineMs: null, stallTimeoutMs: 600 * SECOND, maxFailures: null };
    expect(await rig.drain(() => provider, { bounds })).toBeNull();
    expect(provider.sentAt.length).toBeLessThanOrEqual(10 + 8);
  });

  test("a stop while rows wait for a quota tells of no call in flight", async () => {
    rig = await rigWith(20);
    const provider = new ScriptedProvider(rig.clock, 100);
    rig.clock.timer(5 * SECOND, () => rig.stop.stop(stopReason.signal("SIGINT")));
    await rig.drain(() => provider, { limits: { ...UNLIMITED, requestsPerDay: 10 } });
    expect(provider.sentAt).toHaveLength(10);
    expect(rig.events.filter(({ type }) => type === "stopping")).toMatchObject([{ inFlight: 0 }]);
  });

  test.each([
    ["few rows are refused so, and the breaker stays closed", 3, "overloaded"],
    ["the breaker opens by it", 30, "overloaded"],
    ["it is a quota that is used up", 30, "exhausted"],
  ] as const)(
    "half an hour that the provider asked for is no stall, nor after a restart, where %s",
    async (_, rows, kind) => {
      rig = await rigWith(rows);
      const half = 1_800 * SECOND;
      const provider = new ScriptedProvider(rig.clock, 100, (_job, at) =>
        at < half ? outcomeOf(kind, { retryAfterMs: half - at }) : outcomeOf("succeeded"),
      );
      const stallTimeoutMs = 600 * SECOND;
      const first = { deadlineMs: 720 * SECOND, stallTimeoutMs, maxFailures: null };
      expect(await rig.drain(() => provider, { bounds: first })).toMatchObject({ code: "DEADLINE" });
      const next = { deadlineMs: null, stallTimeoutMs, maxFailures: null };
      expect(await rig.drain(() => provider, { bounds: next, stop: new StopSwitch() })).toBeNull();
    },
  );

  test.each([{ requestsPerDay: 50 }, { tokensPerDay: 500 }])(
    "%o that was told is waited for, whatever the stall timeout, also after a restart",
    async (limit) => {
      rig = await rigWith(120);
      const provider = new ScriptedProvider(rig.clock, 100);
      const limits = { ...UNLIMITED, ...limit };
      const bounds = { deadlineMs: 600 * SECOND, stallTimeoutMs: 60 * SECOND, maxFailures: null };
      for (const stop of [new StopSwitch(), new StopSwitch()]) {
        const end = await rig.drain(() => provider, { limits, bounds, stop });
        expect(end).toMatchObject({ code: "DEADLINE" });
        expect(provider.sentAt.length).toBeLessThan(120);
      }
    },
  );

  test("a told daily quota that is used up is told once, though clocks are read a moment apart", async () => {
    rig = await rigWith(120);
    const provider = new ScriptedProvider(rig.clock, 100);
    for (let second = 1; second <= 60; second += 1)
      rig.clock.timer(second * SECOND + 500, () => rig.clock.jumpWall(second % 2 === 0 ? 1 : -1));
    const bounds = { deadlineMs: 60 * SECOND, stallTimeoutMs: null, maxFailures: null };
    await rig.drain(() => provider, { limits: { ...UNLIMITED, requestsPerDay: 50 }, bounds });
    const spent = rig.events.filter((event) => event.type === "gate" && event.event.type === "spent");
    expect(spent).toHaveLength(1);
  });

  test("a told daily quota is kept over restarts, and gone on with at its reset", async () => {
    rig = await rigWith(120);
    const provider = new ScriptedProvider(rig.clock, 100);
    const limits = { ...UNLIMITED, requestsPerDay: 50 };
    const day = 24 * 3_600 * SECOND;
    const bounds = { deadlineMs: 300 * SECOND, stallTimeoutMs: null, maxFailures: null };
    const drain = () => rig.drain(() => provider, { limits, bounds, stop: new StopSwitch() });
    expect(await drain()).toMatchObject({ code: "DEADLINE", exitCode: 75 });
    expect(provider.sentAt).toHaveLength(50);
    expect(await drain()).toMatchObject({ code: "DEADLINE" });
    expect(provider.sentAt).toHaveLength(50);
    rig.clock.advance(day - 100 * SECOND - rig.clock.now());
    expect(await drain()).toMatchObject({ code: "DEADLINE" });
    expect(provider.sentAt).toHaveLength(100);
    expect(provider.sentAt[50]).toBeGreaterThanOrEqual(day);
  });

  test("a refusal for hours holds back the next process too, until the breaker is reset by hand", async () => {
    rig = await rigWith(100);
    let isPaid = false;
    const provider = new ScriptedProvider(rig.clock, 100, () =>
      isPaid ? outcomeOf("succeeded") : outcomeOf("exhausted", { retryAfterMs: 3_600 * SECOND }),
    );
    const bounds = { deadlineMs: 60 * SECOND, stallTimeoutMs: null, maxFailures: null };
    const drain = () => rig.drain(() => provider, { bounds, stop: new StopSwitch() });
    await drain();
    const refused = provider.sentAt.length;
    expect(refused).toBeLessThan(100);
    isPaid = true;
    await drain();
    expect(provider.sentAt).toHaveLength(refused);
    await rig.store.updateEndpoint("test", byHand("reset"));
    await drain();
    expect((await rig.store.figures(rig.run.id)).jobs.succeeded).toBe(100 - refused);
  });

  test.each([{}, { requestsPerMinute: 600 }])(
    "a refusal for hours that is lifted by hand lets a running process go on at once: %o",
    async (limit) => {
      rig = await rigWith(20);
      const lift = 60 * SECOND;
      const provider = new ScriptedProvider(rig.clock, 100, (_job, at) =>
        at < lift ? outcomeOf("exhausted", { retryAfterMs: 3_600 * SECOND }) : outcomeOf("succeeded"),
      );
      rig.clock.timer(lift, () => {
        void rig.store.updateEndpoint("test", byHand("reset"));
        void rig.store.endWaits(rig.run.id);
      });
      expect(await rig.drain(() => provider, { limits: { ...UNLIMITED, ...limit } })).toBeNull();
      expect(rig.clock.now()).toBeLessThan(lift + 10 * SECOND);
    },
  );

  test("due retries go before fresh rows (curator: all retries wait for the end of the first pass)", async () => {
    rig = await rigWith(400);
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

  test("a refused key stops the run with 4, and the next start asks nothing until the breaker is reset", async () => {
    rig = await rigWith(10);
    const provider = new ScriptedProvider(rig.clock, 100, () => outcomeOf("blocked"));
    const end = await rig.drain(() => provider);
    expect(end).toMatchObject({ code: "PROVIDER_REFUSED", exitCode: 4 });
    expect(provider.sentAt.length).toBeLessThanOrEqual(8);
  });
});
