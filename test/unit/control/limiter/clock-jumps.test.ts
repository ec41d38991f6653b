import { describe, expect, test } from "vitest";
import { Limiter } from "../../../../src/control/limiter/limiter.ts";
import type { LimiterState } from "../../../../src/control/limiter/state.ts";
import { limitsOf } from "../../../helpers/limits.ts";
import { ManualClock } from "../../../helpers/manual-clock.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const CHARGE = { inputTokens: 1, outputTokens: 1 };

/** A limiter with a quota of two requests a day, and its state as processes share it. */
class DayRig {
  readonly clock = new ManualClock();
  shared: LimiterState | null = null;
  limiter = this.#open();

  /** Takes what may be taken, and shares it; when the next may be taken. */
  take(): number {
    const { clock, limiter } = this;
    let answer = limiter.admit(CHARGE, clock.now());
    while (answer.admitted) answer = limiter.admit(CHARGE, clock.now());
    return answer.until;
  }

  exchange(): void {
    const { clock, limiter } = this;
    this.shared = limiter.snapshot(clock.now(), clock.wall(), this.shared);
    limiter.adopt(this.shared, clock.now(), clock.wall());
  }

  restart(): void {
    this.limiter = this.#open();
  }

  #open(): Limiter {
    const { clock, shared } = this;
    const limits = limitsOf({ requestsPerDay: 2 });
    return new Limiter(limits, {
      now: clock.now(),
      wall: clock.wall(),
      maxConcurrency: 8,
      random: () => 0,
      saved: shared,
    });
  }
}

describe("a told daily quota, when the wall clock is set", () => {
  test.each([-2 * HOUR, 2 * HOUR])("is whole again a day after its first call: by %i ms", (jump) => {
    const rig = new DayRig();
    expect(rig.take()).toBe(DAY);
    rig.exchange();
    rig.clock.advance(5 * HOUR);
    rig.exchange();
    rig.clock.jumpWall(jump);
    rig.exchange();
    rig.clock.advance(HOUR);
    rig.exchange();
    expect(rig.take()).toBe(DAY);
    rig.clock.advance(18 * HOUR);
    expect(rig.take()).toBe(2 * DAY);
  });

  test("is not put off for the next process either, where it was set back", () => {
    const rig = new DayRig();
    rig.take();
    rig.clock.advance(5 * HOUR);
    rig.exchange();
    rig.clock.jumpWall(-12 * HOUR);
    rig.restart();
    expect(rig.take()).toBe(DAY);
  });
});
