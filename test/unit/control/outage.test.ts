import { describe, expect, it } from "vitest";
import type { GateLimiter } from "../../../src/control/gate.ts";
import { Limiter } from "../../../src/control/limiter/limiter.ts";
import type { Random } from "../../../src/ports/random.ts";
import { FakeLimiter } from "../../helpers/fake-limiter.ts";
import { ManualClock } from "../../helpers/manual-clock.ts";
import { ModelDrain, type Reply } from "../../helpers/model-drain.ts";
import { outcomeOf } from "../../helpers/outcome.ts";

const SLOTS = 64;
const BREAKER = { failures: 5, cooldownMs: 2_000, probes: 1, on429: false };
const OK: Reply = { afterMs: 100, outcome: outcomeOf("succeeded") };

function realLimiter(clock: ManualClock, random: Random): GateLimiter {
  const auto = "auto" as const;
  const limits = {
    requestsPerMinute: auto,
    tokensPerMinute: auto,
    inputTokensPerMinute: auto,
    outputTokensPerMinute: auto,
    requestsPerDay: auto,
    tokensPerDay: auto,
    concurrency: SLOTS,
    share: 1,
  };
  return new Limiter(limits, { now: clock.now(), wall: clock.wall(), maxConcurrency: SLOTS, random });
}

function drainOf(
  rows: number,
  reply: (job: { id: number; attempt: number }, now: number) => Reply,
  random: Random = () => 0.5,
  limiter?: GateLimiter,
  clock = new ManualClock(),
): ModelDrain {
  const options = {
    clock,
    random,
    limiter: limiter ?? new FakeLimiter(SLOTS),
    breaker: BREAKER,
    name: "test",
    maxConcurrency: SLOTS,
  };
  return new ModelDrain(rows, options, reply);
}

const ROWS = 12_000;
const FROM = 5_000;
const TO = 25_000;
/** Answers a second at full speed: 64 slots, 100 ms each. */
const FULL_SPEED = 640;

const CASES = [0, 0.99].flatMap((random) => [
  { random, kind: "transient" as const, afterMs: 5 },
  { random, kind: "unreachable" as const, afterMs: 1 },
  { random, kind: "interrupted" as const, afterMs: 500 },
]);

describe("an outage of 20 s with a cooldown of 2 s", () => {
  it.each(CASES)(
    "costs a few probes, no row, and is over at once ($kind, random $random)",
    async ({ kind, afterMs, random }) => {
      const clock = new ManualClock();
      const down: Reply = { afterMs, outcome: outcomeOf(kind) };
      const reply = (_: unknown, now: number): Reply => (now >= FROM && now < TO ? down : OK);
      const rig = drainOf(
        ROWS,
        reply,
        () => random,
        realLimiter(clock, () => random),
        clock,
      );
      await rig.run(120_000);

      const trippedAt = rig.sent.filter(({ at }) => at >= FROM && at < TO)[0]!.at + afterMs;
      const probes = rig.sent.filter(({ at }) => at > trippedAt && at < TO);
      expect(probes.length).toBeLessThanOrEqual(12);
      expect(rig.count("failed")).toBe(0);

      const lastWait = Math.max(...rig.events.map((event) => (event.type === "opened" ? event.until : 0)));
      const fullFrom = Math.max(lastWait, TO) + 3_000;
      const inASecond = rig.succeededAt.filter((at) => at >= fullFrom && at < fullFrom + 1_000).length;
      expect(inASecond).toBeGreaterThanOrEqual(0.95 * FULL_SPEED);
      expect(rig.events.at(-1)?.type).toBe("closed");
      expect(rig.count("succeeded")).toBe(ROWS);
    },
  );
});

describe("a row that always gets a 500", () => {
  const poisoned =
    (rows: readonly number[]) =>
    ({ id }: { id: number }): Reply =>
      rows.includes(id) ? { afterMs: 50, outcome: outcomeOf("transient") } : OK;

  it("ends as failed after its own attempts, and trips nothing: among healthy ones, and as the last of a run", async () => {
    const rig = drainOf(2_000, poisoned([40, 1_999]));
    await rig.run(600_000);
    expect([rig.count("succeeded"), rig.count("failed")]).toEqual([1_998, 2]);
    expect(rig.sent.filter(({ job }) => job === 1_999)).toHaveLength(5);
    expect(rig.events).toEqual([]);
  });

  it("ends with it as the only row", async () => {
    const rig = drainOf(1, poisoned([0]));
    await rig.run(600_000);
    expect(rig.rows[0]).toMatchObject({ state: "failed", attempts: 5 });
    expect(rig.events).toEqual([]);
  });

  it("ends even where several of them are all that is left, and trip the breaker", async () => {
    const rig = drainOf(100, poisoned([97, 98, 99]));
    await rig.run(24 * 3_600_000);
    expect([rig.count("succeeded"), rig.count("failed")]).toEqual([97, 3]);
  });
});

describe("retries", () => {
  it("curator: do not wait for the end of the first pass", async () => {
    const flaky = ({ id, attempt }: { id: number; attempt: number }): Reply =>
      id === 10 && attempt === 1 ? { afterMs: 100, outcome: outcomeOf("transient") } : OK;
    const rig = drainOf(5_000, flaky);
    await rig.run(60_000);
    const again = rig.sent.filter(({ job }) => job === 10)[1]!.at;
    expect(again).toBeLessThan(1_000);
    expect(rig.sent.at(-1)!.at).toBeGreaterThan(5_000);
  });
});

describe("an endpoint where nothing listens", () => {
  it("is told within seconds, of one row as of many", async () => {
    for (const rows of [1, 100]) {
      const rig = drainOf(rows, () => ({ afterMs: 1, outcome: outcomeOf("unreachable") }));
      await rig.run(3_000);
      expect(rig.events[0]?.type).toBe("neverReached");
    }
  });
});
