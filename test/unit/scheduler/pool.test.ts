import { describe, expect, test } from "vitest";
import { outletOf, rigWith, UNLIMITED } from "../../helpers/drained-run.ts";
import { outcomeOf } from "../../helpers/outcome.ts";
import { ScriptedProvider } from "../../helpers/scripted-provider.ts";

const SECOND = 1_000;
const MINUTE = 60_000;
const paced = (requestsPerMinute: number) => ({ ...UNLIMITED, requestsPerMinute });

describe("a pool of endpoints", () => {
  test("uses what each has free", async () => {
    const rig = await rigWith(1_500);
    const big = new ScriptedProvider(rig.clock, 100, undefined, "big");
    const small = new ScriptedProvider(rig.clock, 100, undefined, "small");
    const outlets = [outletOf(big, { limits: paced(600) }), outletOf(small, { limits: paced(300) })];
    expect(await rig.drainThrough(outlets)).toBeNull();
    const idealMs = (1_500 / 900) * MINUTE;
    expect(idealMs / rig.clock.now()).toBeGreaterThanOrEqual(0.95);
    expect(big.sentAt.length / small.sentAt.length).toBeCloseTo(2, 1);
  });

  test("goes on with one when the other is down, and fails no row", async () => {
    const rig = await rigWith(1_000);
    const up = new ScriptedProvider(rig.clock, 100, undefined, "up");
    const down = new ScriptedProvider(rig.clock, 100, () => outcomeOf("overloaded"), "down");
    const outlets = [outletOf(up, { limits: paced(600) }), outletOf(down, { limits: paced(300) })];
    expect(await rig.drainThrough(outlets)).toBeNull();
    expect((await rig.store.figures(rig.run.id)).jobs).toMatchObject({ succeeded: 1_000, failed: 0 });
    expect(((1_000 / 600) * MINUTE) / rig.clock.now()).toBeGreaterThanOrEqual(0.95);
  });

  test("goes on with one when the other refuses the key", async () => {
    const rig = await rigWith(100);
    const up = new ScriptedProvider(rig.clock, 100, undefined, "up");
    const refused = new ScriptedProvider(rig.clock, 100, () => outcomeOf("blocked"), "refused");
    expect(await rig.drainThrough([outletOf(up), outletOf(refused)])).toBeNull();
    expect((await rig.store.figures(rig.run.id)).jobs.succeeded).toBe(100);
  });

  test("isn't held up by a row that each of them refuses again and again", async () => {
    const rig = await rigWith(600);
    const until = 3 * MINUTE;
    let refused: number | undefined;
    let others = 0;
    const outlets = ["a", "b"].map((name) => {
      const provider = new ScriptedProvider(
        rig.clock,
        100,
        ({ id }, at) => {
          refused ??= id;
          if (id !== refused && at < until) others += 1;
          return outcomeOf(id === refused && at < until ? "throttled" : "succeeded");
        },
        name,
      );
      return outletOf(provider, { limits: paced(600) });
    });
    const rules = { maxAttempts: 3, schemaAttempts: 3, backoffBaseMs: SECOND, backoffMaxMs: MINUTE };
    expect(await rig.drainThrough(outlets, { rules })).toBeNull();
    expect(others).toBe(599);
  });

  test("stops when none is left that serves", async () => {
    const rig = await rigWith(100);
    const outlets = ["a", "b"].map((name) =>
      outletOf(new ScriptedProvider(rig.clock, 100, () => outcomeOf("blocked"), name)),
    );
    expect(await rig.drainThrough(outlets)).toMatchObject({ code: "PROVIDER_REFUSED" });
  });

  test("gives back what an endpoint holds whose quota is used up for long", async () => {
    const rig = await rigWith(60);
    const spent = new ScriptedProvider(
      rig.clock,
      100,
      () => outcomeOf("exhausted", { retryAfterMs: 20 * MINUTE }),
      "spent",
    );
    const slow = new ScriptedProvider(rig.clock, SECOND, undefined, "slow");
    expect(await rig.drainThrough([outletOf(spent), outletOf(slow)])).toBeNull();
    expect(rig.clock.now()).toBeLessThan(20 * MINUTE);
  });
});

describe("a chain of endpoints", () => {
  test("hands on what fails for good, and the next one's failure is the end", async () => {
    const rig = await rigWith(20);
    const refusing = new ScriptedProvider(rig.clock, 10, () => outcomeOf("rejected"), "first");
    const next = new ScriptedProvider(
      rig.clock,
      10,
      ({ id }) => outcomeOf(id % 2 === 0 ? "succeeded" : "rejected"),
      "second",
    );
    expect(await rig.drainThrough([outletOf(refusing), outletOf(next, { stage: 1 })])).toBeNull();
    expect((await rig.store.figures(rig.run.id)).jobs).toMatchObject({ succeeded: 10, failed: 10 });
    expect(refusing.sentAt).toHaveLength(20);
    expect(next.sentAt).toHaveLength(20);
  });

  test("takes over while the breaker is open, and gives the work back when it closes", async () => {
    const rig = await rigWith(600);
    const isOut = (at: number): boolean => at >= SECOND && at < 10 * SECOND;
    const first = new ScriptedProvider(
      rig.clock,
      100,
      (_, at) => outcomeOf(isOut(at) ? "overloaded" : "succeeded"),
      "first",
    );
    const second = new ScriptedProvider(rig.clock, 1_000, undefined, "second");
    expect(await rig.drainThrough([outletOf(first), outletOf(second, { stage: 1 })])).toBeNull();
    expect((await rig.store.figures(rig.run.id)).jobs).toMatchObject({ succeeded: 600, failed: 0 });
    expect(second.sentAt.some((at) => at < 12 * SECOND)).toBe(true);
    expect(first.sentAt.some((at) => at > 12 * SECOND)).toBe(true);
    expect(second.sentAt.every((at) => at < 20 * SECOND)).toBe(true);
  });

  test("takes over where a quota of the day that was told is used up", async () => {
    const rig = await rigWith(60);
    const first = new ScriptedProvider(rig.clock, 100, undefined, "first");
    const second = new ScriptedProvider(rig.clock, 100, undefined, "second");
    const limits = { ...UNLIMITED, requestsPerDay: 40 };
    expect(await rig.drainThrough([outletOf(first, { limits }), outletOf(second, { stage: 1 })])).toBeNull();
    expect([first.sentAt.length, second.sentAt.length]).toEqual([40, 20]);
    expect(rig.clock.now()).toBeLessThan(MINUTE);
  });

  test("takes over while a refused quota is used up for long, and gives the work back after it", async () => {
    const rig = await rigWith(100);
    const until = 20 * MINUTE;
    const first = new ScriptedProvider(
      rig.clock,
      SECOND,
      (_, at) => (at < until ? outcomeOf("exhausted", { retryAfterMs: until - at }) : outcomeOf("succeeded")),
      "first",
    );
    const second = new ScriptedProvider(rig.clock, MINUTE, undefined, "second");
    const outlets = [outletOf(first), outletOf(second, { stage: 1, concurrency: 1 })];
    expect(await rig.drainThrough(outlets)).toBeNull();
    expect((await rig.store.figures(rig.run.id)).jobs).toMatchObject({ succeeded: 100, failed: 0 });
    expect(second.sentAt[0]).toBeLessThan(10 * SECOND);
    // What it holds when the work goes back it still sends: four rows for its one slot.
    expect(second.sentAt.at(-1)).toBeLessThan(until + 5 * MINUTE);
    expect(first.sentAt.filter((at) => at >= until).length).toBeGreaterThan(70);
  });

  test("doesn't take over while a quota is used up for minutes", async () => {
    const rig = await rigWith(50);
    const first = new ScriptedProvider(
      rig.clock,
      100,
      (_, at) =>
        at < MINUTE ? outcomeOf("throttled", { retryAfterMs: 4 * MINUTE }) : outcomeOf("succeeded"),
      "first",
    );
    const second = new ScriptedProvider(rig.clock, 100, undefined, "second");
    expect(await rig.drainThrough([outletOf(first), outletOf(second, { stage: 1 })])).toBeNull();
    expect(second.sentAt).toHaveLength(0);
  });

  test("keeps no row for a quota that is used up longer than that of the endpoint before it", async () => {
    const rig = await rigWith(50);
    const spentFor = (durationMs: number, name: string): ScriptedProvider =>
      new ScriptedProvider(
        rig.clock,
        100,
        (_, at) =>
          at < durationMs
            ? outcomeOf("exhausted", { retryAfterMs: durationMs - at })
            : outcomeOf("succeeded"),
        name,
      );
    const [first, second] = [spentFor(20 * MINUTE, "first"), spentFor(300 * MINUTE, "second")];
    expect(await rig.drainThrough([outletOf(first), outletOf(second, { stage: 1 })])).toBeNull();
    expect(second.sentAt.length).toBeGreaterThan(0);
    expect(rig.clock.now()).toBeLessThan(30 * MINUTE);
  });

  test("takes a row after an outage of its own in which it had none to probe with", async () => {
    const rig = await rigWith(400);
    const first = new ScriptedProvider(
      rig.clock,
      SECOND,
      ({ id }, at) => outcomeOf(at < SECOND ? "overloaded" : id % 400 === 0 ? "rejected" : "succeeded"),
      "first",
    );
    const second = new ScriptedProvider(
      rig.clock,
      100,
      (_, at) => outcomeOf(at < 20 * SECOND ? "overloaded" : "succeeded"),
      "second",
    );
    const outlets = [outletOf(first), outletOf(second, { stage: 1 })];
    expect(await rig.drainThrough(outlets)).toBeNull();
    expect((await rig.store.figures(rig.run.id)).jobs).toMatchObject({ succeeded: 400, failed: 0 });
  });

  test("serves every row alone when the endpoint before it can never be reached", async () => {
    const rig = await rigWith(50);
    const gone = new ScriptedProvider(rig.clock, 1, () => outcomeOf("unreachable"), "gone");
    const second = new ScriptedProvider(rig.clock, 10, undefined, "second");
    expect(await rig.drainThrough([outletOf(gone), outletOf(second, { stage: 1 })])).toBeNull();
    expect((await rig.store.figures(rig.run.id)).jobs.succeeded).toBe(50);
  });

  test("serves every row alone when the endpoint before it refuses the key", async () => {
    const rig = await rigWith(50);
    const refused = new ScriptedProvider(rig.clock, 10, () => outcomeOf("blocked"), "refused");
    const second = new ScriptedProvider(rig.clock, 10, undefined, "second");
    expect(await rig.drainThrough([outletOf(refused), outletOf(second, { stage: 1 })])).toBeNull();
    expect((await rig.store.figures(rig.run.id)).jobs.succeeded).toBe(50);
  });
});
