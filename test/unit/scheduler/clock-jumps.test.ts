import { describe, expect, test } from "vitest";
import { StopSwitch } from "../../../src/scheduler/stop.ts";
import { type Rig, rigWith } from "../../helpers/drained-run.ts";
import { outcomeOf } from "../../helpers/outcome.ts";
import { ScriptedProvider } from "../../helpers/scripted-provider.ts";
import { seeded } from "../../helpers/seeded.ts";

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const JUMPS = [-2 * HOUR, 2 * HOUR];
let rig: Rig;

/** Each row fails once, with a wait of half a minute, and then succeeds. */
function failingOnce(retryAfterMs = 30 * SECOND): ScriptedProvider {
  return new ScriptedProvider(rig.clock, 100, ({ attempt }) =>
    attempt === 1 ? outcomeOf("transient", { retryAfterMs }) : outcomeOf("succeeded"),
  );
}

async function succeeded(): Promise<number> {
  return (await rig.store.figures(rig.run.id)).jobs.succeeded;
}

describe("when the wall clock is set, a run goes on by the monotonic one", () => {
  test.each(JUMPS)("rows that wait for a retry wait no longer: by %i ms", async (jump) => {
    rig = await rigWith(4);
    rig.clock.timer(10 * SECOND, () => rig.clock.jumpWall(jump));
    expect(await rig.drain(() => failingOnce())).toBeNull();
    expect(rig.clock.now()).toBeLessThan(2 * 30 * SECOND);
    expect(await succeeded()).toBe(4);
  });

  test("and so do rows of an earlier process, when the clock was set back before the next", async () => {
    rig = await rigWith(4);
    const provider = failingOnce();
    const bounds = { deadlineMs: SECOND, stallTimeoutMs: null, maxFailures: null };
    expect(await rig.drain(() => provider, { bounds })).toMatchObject({ code: "DEADLINE" });
    rig.clock.jumpWall(-2 * HOUR);
    expect(await rig.drain(() => provider, { stop: new StopSwitch() })).toBeNull();
    expect(rig.clock.now()).toBeLessThan(2 * 30 * SECOND);
    expect(await succeeded()).toBe(4);
  });

  test.each(JUMPS)("a refusal's hint is kept to the second: by %i ms", async (jump) => {
    rig = await rigWith(20);
    const refusedUntil = 60 * SECOND;
    const provider = new ScriptedProvider(rig.clock, 100, (_, sentAt) =>
      sentAt < refusedUntil ? outcomeOf("throttled", { retryAfterMs: refusedUntil }) : outcomeOf("succeeded"),
    );
    rig.clock.timer(10 * SECOND, () => rig.clock.jumpWall(jump));
    expect(await rig.drain(() => provider)).toBeNull();
    const later = provider.sentAt.filter((at) => at > SECOND);
    expect(Math.min(...later)).toBeGreaterThanOrEqual(refusedUntil);
    expect(Math.min(...later)).toBeLessThan(refusedUntil * 1.1 + SECOND);
  });

  test("a hint that outlived its process is not waited for until the old clock's time", async () => {
    rig = await rigWith(20);
    const provider = new ScriptedProvider(rig.clock, 100, (_, sentAt) =>
      sentAt < SECOND ? outcomeOf("throttled", { retryAfterMs: 60 * SECOND }) : outcomeOf("succeeded"),
    );
    const bounds = { deadlineMs: SECOND, stallTimeoutMs: null, maxFailures: null };
    expect(await rig.drain(() => provider, { bounds })).toMatchObject({ code: "DEADLINE" });
    rig.clock.jumpWall(-2 * HOUR);
    expect(await rig.drain(() => provider, { stop: new StopSwitch() })).toBeNull();
    expect(rig.clock.now()).toBeLessThan(2 * 66 * SECOND);
  });

  test.each(JUMPS)("an open breaker probes when its cooldown is over: by %i ms", async (jump) => {
    rig = await rigWith(200);
    const isOut = (at: number): boolean => at < 8 * SECOND;
    const provider = new ScriptedProvider(rig.clock, 10, (_, at) =>
      outcomeOf(isOut(at) ? "overloaded" : "succeeded"),
    );
    const breaker = { failures: 5, cooldownMs: 10 * SECOND, probes: 1, on429: false };
    rig.clock.timer(4 * SECOND, () => rig.clock.jumpWall(jump));
    expect(await rig.drain(() => provider, { breaker })).toBeNull();
    const firstProbe = provider.sentAt.find((at) => at > 4 * SECOND)!;
    expect(firstProbe).toBeGreaterThanOrEqual(8 * SECOND);
    expect(firstProbe).toBeLessThan(13 * SECOND);
    expect(await succeeded()).toBe(200);
  });

  test("a deadline is neither brought forward nor put off", async () => {
    rig = await rigWith(2_000);
    const provider = new ScriptedProvider(rig.clock, 10 * SECOND);
    rig.clock.timer(20 * SECOND, () => rig.clock.jumpWall(2 * HOUR));
    rig.clock.timer(40 * SECOND, () => rig.clock.jumpWall(-4 * HOUR));
    const bounds = {
      deadlineMs: 90 * SECOND,
      stallTimeoutMs: 60 * SECOND,

      maxFailures: null,
    };
    expect(await rig.drain(() => provider, { bounds })).toMatchObject({ code: "DEADLINE" });
    expect(rig.clock.now()).toBeGreaterThanOrEqual(90 * SECOND);
    expect(rig.clock.now()).toBeLessThanOrEqual(100 * SECOND);
  });

  test.each([1, 2, 3])(
    "nothing is lost, doubled or held up, however often it is set: seed %i",
    async (seed) => {
      rig = await rigWith(300);
      const random = seeded(seed);
      for (let time = 0; time < 40; time++)
        rig.clock.timer(random() * 40 * SECOND, () => rig.clock.jumpWall((random() - 0.5) * 6 * HOUR));
      const kinds = ["succeeded", "succeeded", "transient"] as const;
      const provider = new ScriptedProvider(rig.clock, 200, () =>
        outcomeOf(rig.clock.now() > 40 * SECOND ? "succeeded" : kinds[Math.floor(random() * kinds.length)]!),
      );
      const rules = { maxAttempts: 100, schemaAttempts: 3, backoffBaseMs: 1_000, backoffMaxMs: 5_000 };
      expect(await rig.drain(() => provider, { rules })).toBeNull();
      expect(await succeeded()).toBe(300);
      const { attempts } = await rig.store.figures(rig.run.id);
      expect(attempts).toMatchObject({ succeeded: 300, total: provider.sentAt.length });
      expect(rig.clock.now()).toBeLessThan(5 * 60 * SECOND);
    },
  );
});

describe("the rate shown", () => {
  test("goes on after the clock was set back", async () => {
    rig = await rigWith(100);
    const provider = new ScriptedProvider(rig.clock, SECOND);
    const spans: number[] = [];
    rig.clock.timer(2 * SECOND, () => rig.clock.jumpWall(-2 * HOUR));
    const look = async (): Promise<void> => {
      spans.push((await rig.store.figures(rig.run.id)).recent.spanMs);
    };
    rig.clock.timer(5 * SECOND, () => void look());
    await rig.drain(() => provider);
    expect(spans[0]).toBeGreaterThan(0);
  });
});
