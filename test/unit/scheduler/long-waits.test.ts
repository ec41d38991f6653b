import { expect, test } from "vitest";
import { stopReason } from "../../../src/domain/stop-reason.ts";
import { StopSwitch } from "../../../src/scheduler/stop.ts";
import { moveBreaker, rigWith, UNLIMITED } from "../../helpers/drained-run.ts";
import { outcomeOf } from "../../helpers/outcome.ts";
import { ScriptedProvider } from "../../helpers/scripted-provider.ts";

const SECOND = 1_000;
/** Longer than a breaker ever waits before it probes by itself. */
const STALL = 330 * SECOND;

test("a quota used up for the day is waited for, whatever the stall timeout", async () => {
  const rig = await rigWith(10);
  const resetAt = 2 * STALL;
  const provider = new ScriptedProvider(rig.clock, 100, (_, at) =>
    at < resetAt ? outcomeOf("exhausted", { retryAfterMs: resetAt }) : outcomeOf("succeeded"),
  );
  const bounds = { deadlineMs: null, stallTimeoutMs: STALL, maxFailures: null };
  expect(await rig.drain(() => provider, { bounds })).toBeNull();
  expect(provider.sentAt.length).toBeLessThanOrEqual(10 + 8);
});

test("a stop while rows wait for a quota tells of no call in flight", async () => {
  const rig = await rigWith(20);
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
  "twenty minutes that the provider asked for is no stall, nor after a restart, where %s",
  async (_, rows, kind) => {
    const rig = await rigWith(rows);
    const wait = 1_200 * SECOND;
    const provider = new ScriptedProvider(rig.clock, 100, (_job, at) =>
      at < wait ? outcomeOf(kind, { retryAfterMs: wait - at }) : outcomeOf("succeeded"),
    );
    const first = { deadlineMs: 400 * SECOND, stallTimeoutMs: STALL, maxFailures: null };
    expect(await rig.drain(() => provider, { bounds: first })).toMatchObject({ code: "DEADLINE" });
    const next = { deadlineMs: null, stallTimeoutMs: STALL, maxFailures: null };
    expect(await rig.drain(() => provider, { bounds: next, stop: new StopSwitch() })).toBeNull();
  },
);

test.each([{ requestsPerDay: 50 }, { tokensPerDay: 500 }])(
  "%o that was told is waited for, whatever the stall timeout, also after a restart",
  async (limit) => {
    const rig = await rigWith(120);
    const provider = new ScriptedProvider(rig.clock, 100);
    const limits = { ...UNLIMITED, ...limit };
    const bounds = { deadlineMs: 150 * SECOND, stallTimeoutMs: 60 * SECOND, maxFailures: null };
    for (const stop of [new StopSwitch(), new StopSwitch()]) {
      const end = await rig.drain(() => provider, { limits, bounds, stop });
      expect(end).toMatchObject({ code: "DEADLINE" });
      expect(provider.sentAt.length).toBeLessThan(120);
    }
  },
);

test("a told daily quota that is used up is told once, though clocks are read a moment apart", async () => {
  const rig = await rigWith(120);
  const provider = new ScriptedProvider(rig.clock, 100);
  for (let second = 1; second <= 60; second += 1)
    rig.clock.timer(second * SECOND + 500, () => rig.clock.jumpWall(second % 2 === 0 ? 1 : -1));
  const bounds = { deadlineMs: 60 * SECOND, stallTimeoutMs: null, maxFailures: null };
  await rig.drain(() => provider, { limits: { ...UNLIMITED, requestsPerDay: 50 }, bounds });
  const spent = rig.events.filter((event) => event.type === "gate" && event.event.type === "spent");
  expect(spent).toHaveLength(1);
});

test("a told daily quota is kept over restarts, and gone on with at its reset", async () => {
  const rig = await rigWith(120);
  const provider = new ScriptedProvider(rig.clock, 100);
  const limits = { ...UNLIMITED, requestsPerDay: 50 };
  const day = 24 * 3_600 * SECOND;
  const bounds = { deadlineMs: 60 * SECOND, stallTimeoutMs: null, maxFailures: null };
  const drain = () => rig.drain(() => provider, { limits, bounds, stop: new StopSwitch() });
  expect(await drain()).toMatchObject({ code: "DEADLINE", exitCode: 75 });
  expect(provider.sentAt).toHaveLength(50);
  expect(await drain()).toMatchObject({ code: "DEADLINE" });
  expect(provider.sentAt).toHaveLength(50);
  rig.clock.advance(day - 20 * SECOND - rig.clock.now());
  expect(await drain()).toMatchObject({ code: "DEADLINE" });
  expect(provider.sentAt).toHaveLength(100);
  expect(provider.sentAt[50]).toBeGreaterThanOrEqual(day);
});

test("a refusal for hours holds back the next process too, until the breaker is reset by hand", async () => {
  const rig = await rigWith(100);
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
  await moveBreaker(rig, "reset");
  await drain();
  expect((await rig.store.figures(rig.run.id)).jobs.succeeded).toBe(100 - refused);
});

test.each([{}, { requestsPerMinute: 600 }])(
  "a refusal for hours that is lifted by hand lets a running process go on at once: %o",
  async (limit) => {
    const rig = await rigWith(20);
    const lift = 60 * SECOND;
    const provider = new ScriptedProvider(rig.clock, 100, (_job, at) =>
      at < lift ? outcomeOf("exhausted", { retryAfterMs: 3_600 * SECOND }) : outcomeOf("succeeded"),
    );
    rig.clock.timer(lift, () => {
      void moveBreaker(rig, "reset");
      void rig.store.endWaits(rig.run.id);
    });
    expect(await rig.drain(() => provider, { limits: { ...UNLIMITED, ...limit } })).toBeNull();
    expect(rig.clock.now()).toBeLessThan(lift + 10 * SECOND);
  },
);
