import { beforeEach, describe, expect, test } from "vitest";
import { type Judgement, RefusalNoise } from "../../../../src/control/limiter/noise/refusal-noise.ts";
import { LimiterRig } from "../../../helpers/limiter-rig.ts";

const TOP = 800;
const HALVES = [800, 400, 200, 100, 50];

let noise: RefusalNoise;
let now: number;

beforeEach(() => {
  noise = new RefusalNoise(null);
  now = 0;
});

function send(calls: number, msPerCall = 100): void {
  for (let call = 0; call < calls; call += 1) {
    now += msPerCall;
    noise.sent(now);
  }
}

/** One refusal after so many calls. */
function refuse(after: number, rate: number): Judgement | "borne" {
  send(after);
  return noise.bears() ? "borne" : noise.judge(rate, now);
}

/** How many of so many refusals, at equal distances, were borne before one was not. */
function bornes(refusals: number, after: number): number {
  for (let refusal = 0; refusal < refusals; refusal += 1) if (refuse(after, TOP) !== "borne") return refusal;
  return refusals;
}

/** One of 20 calls is refused at any rate. */
function fall(): Judgement | "borne" {
  return HALVES.map((rate) => refuse(20, rate)).at(-1)!;
}

describe("refusals that cuts make no rarer", () => {
  test("lead back to the first rate", () => {
    expect(HALVES.map((rate) => refuse(20, rate))).toEqual(["cut", "cut", "cut", "cut", { back: TOP }]);
  });

  test("are borne there and from then on, as often as they are", () => {
    fall();
    expect(bornes(500, 20)).toBe(500);
  });

  test("lead to the low rate again where many more are refused at the first one", () => {
    fall();
    const judgements = Array.from({ length: 10 }, () => refuse(1, TOP));
    const failed = judgements.findIndex((judgement) => judgement !== "borne");
    expect(failed).toBeLessThan(8);
    expect(judgements[failed]).toEqual({ back: 50 });
  });

  test("lead to the low rate again also when the trial's minute was too slow to tell", () => {
    fall();
    send(10, 10_000);
    const judgements = Array.from({ length: 10 }, () => refuse(0, TOP));
    expect(judgements.find((judgement) => judgement !== "borne")).toEqual({ back: 50 });
  });

  test("need twice as many signs after a trial that failed", () => {
    fall();
    while (refuse(1, TOP) === "borne");
    refuse(20, TOP);
    const low = Array.from({ length: 8 }, () => refuse(20, 100));
    expect(low).toEqual([...Array(7).fill("cut"), { back: TOP }]);
  });

  test("are not what they seem where the limit is used up at the end of each minute", () => {
    fall();
    send(200);
    while (refuse(0, TOP) === "borne");
    expect(refuse(20, TOP)).toBe("cut");
  });
});

describe("refusals that a limit explains", () => {
  test("are followed down while they are more than a fifth of the calls", () => {
    const judgements = [...HALVES, 25, 12, 6].map((rate) => refuse(3, rate));
    expect(new Set(judgements)).toEqual(new Set(["cut"]));
  });

  test("count anew once two came one right after the other", () => {
    for (const rate of [800, 400, 200]) refuse(20, rate);
    for (let dense = 0; dense < 2; dense += 1) refuse(0, 100);
    expect([50, 50, 50].map((rate) => refuse(20, rate))).toEqual(["cut", "cut", "cut"]);
    expect(refuse(20, 50)).toEqual({ back: TOP });
  });

  test("are followed down while calls go through below it", () => {
    expect(HALVES.map((rate, at) => refuse([0, 1, 4, 600, 600][at]!, rate))).not.toContainEqual({
      back: TOP,
    });
  });

  test("are followed down while they come one right after the other", () => {
    const judgements = HALVES.flatMap((rate) => [refuse(20, rate), refuse(0, rate), refuse(0, rate)]);
    expect(new Set(judgements)).toEqual(new Set(["cut"]));
  });

  test("count as one after the other when they are those of probes", () => {
    const judgements = HALVES.map((rate) => {
      const judgement = refuse(20, rate);
      noise.echoed();
      noise.echoed();
      return judgement;
    });
    expect(new Set(judgements)).toEqual(new Set(["cut"]));
  });

  test("end with 500 calls let in, and the next ones begin at the rate of then", () => {
    for (const rate of [800, 400, 200, 100]) refuse(20, rate);
    send(500);
    expect([50, 50, 50, 50].map((rate) => refuse(20, rate))).toEqual(["cut", "cut", "cut", "cut"]);
  });
});

describe("where refusals are borne", () => {
  beforeEach(() => {
    fall();
    bornes(40, 20);
  });

  test("a limit that is met leads to a deep cut", () => {
    const judgements = Array.from({ length: 12 }, () => refuse(1, TOP));
    expect(judgements.find((judgement) => judgement !== "borne")).toBe("cut deep");
  });

  test("silence after such a cut says that the noise is over", () => {
    while (refuse(1, TOP) === "borne");
    send(120);
    expect(refuse(0, TOP)).toBe("cut");
  });

  test("refusals right after such a cut are its echo, and don't say that it goes on", () => {
    while (refuse(1, TOP) === "borne");
    for (let echo = 0; echo < 4; echo += 1) noise.echoed();
    send(120);
    expect(refuse(0, TOP)).toBe("cut");
  });

  test("silence without a cut says nothing", () => {
    send(400);
    expect(refuse(0, TOP)).toBe("borne");
  });

  test("refusals at the usual distance after such a cut say that it goes on", () => {
    while (refuse(1, TOP) === "borne");
    expect(bornes(100, 20)).toBe(100);
    send(120);
    expect(refuse(0, TOP)).toBe("borne");
  });
});

describe("a limiter whose calls are refused at any rate", () => {
  /** Refuses every 20th call for so many minutes. @returns the calls of the last minute */
  function play(rig: LimiterRig, minutes: number): number {
    let calls = 0;
    let lastMinute = 0;
    for (const end = rig.now + minutes * 60_000; rig.now < end; ) {
      const { flight } = rig.waitFor();
      calls += 1;
      if (rig.now >= end - 60_000) lastMinute += 1;
      rig.settle(flight, calls % 20 === 0 ? "throttled" : "succeeded");
    }
    return lastMinute;
  }

  test("uses its quota after some minutes", () => {
    expect(play(new LimiterRig({ requestsPerMinute: 600 }), 8)).toBeGreaterThan(500);
  });

  test("waits all the same where the provider says how long", () => {
    const rig = new LimiterRig({ requestsPerMinute: 600 });
    play(rig, 8);
    rig.settle(rig.waitFor().flight, "throttled", { retryAfterMs: 30_000 });
    expect(rig.waitFor().waitedMs).toBeGreaterThanOrEqual(30_000);
  });

  test("slows down well below what was let in once many more are refused", () => {
    const rig = new LimiterRig({ requestsPerMinute: 600 });
    play(rig, 8);
    while (factorOf(rig) === 1) {
      rig.settle(rig.waitFor().flight, "succeeded");
      rig.settle(rig.waitFor().flight, "throttled");
    }
    expect(factorOf(rig)).toBeLessThanOrEqual(0.8);
  });

  test("slows down at each refusal where the provider says how long to wait, as that is about a limit", () => {
    const rig = new LimiterRig({ requestsPerMinute: 600 });
    for (let refusal = 0; refusal < 50; refusal += 1) {
      for (let call = 0; call < 20; call += 1) rig.settle(rig.waitFor().flight, "succeeded");
      const { flight } = rig.waitFor();
      const before = factorOf(rig);
      rig.settle(flight, "throttled", { retryAfterMs: 100 });
      expect(factorOf(rig)).toBeLessThan(before);
    }
  });

  test("slows down where other processes use the endpoint as well, whose calls may be the cause", () => {
    const rig = new LimiterRig({ requestsPerMinute: 1_200 });
    rig.limiter.setPart(0.5, rig.now);
    expect(play(rig, 8)).toBeLessThan(300);
  });

  test("bears none any more when another process joins", () => {
    const rig = new LimiterRig({ requestsPerMinute: 600 });
    play(rig, 8);
    rig.limiter.setPart(0.5, rig.now);
    rig.settle(rig.waitFor().flight, "throttled");
    expect(factorOf(rig)).toBeLessThan(1);
  });

  test("bears them again once the other process has left", () => {
    const rig = new LimiterRig({ requestsPerMinute: 600 });
    play(rig, 8);
    rig.limiter.setPart(0.5, rig.now);
    play(rig, 0.25);
    rig.limiter.setPart(1, rig.now);
    expect(play(rig, 3)).toBeGreaterThan(500);
  });

  test("is known to the next process", () => {
    const rig = new LimiterRig({ requestsPerMinute: 600 });
    play(rig, 8);
    const saved = rig.limiter.snapshot(rig.now, rig.now, null);
    const next = new LimiterRig({ requestsPerMinute: 600 }, { saved, now: rig.now, wall: rig.now });
    expect(play(next, 1)).toBeGreaterThan(500);
  });

  test("begins anew when the provider tells its limits", () => {
    const rig = new LimiterRig({});
    const refuseOnce = (): void => {
      for (let call = 0; call < 20; call += 1) rig.settle(rig.waitFor().flight, "succeeded");
      rig.settle(rig.waitFor().flight, "throttled");
    };
    for (let refusal = 0; refusal < 4; refusal += 1) refuseOnce();
    rig.settle(rig.waitFor().flight, "succeeded", {
      quota: [{ dimension: "requests", limit: 600, windowMs: 60_000 }],
    });
    refuseOnce();
    expect(factorOf(rig)).toBeLessThan(1);
  });
});

const factorOf = ({ limiter, now: at }: LimiterRig): number => limiter.describe(at).factor;
