import { describe, expect, it } from "vitest";
import type { Open } from "../../../../src/control/breaker/state.ts";
import { merge, type StoredBreaker, store } from "../../../../src/control/breaker/stored.ts";
import { initial } from "../../../../src/control/breaker/transitions.ts";
import { BreakerRig } from "../../../helpers/breaker-rig.ts";

function openRig(details = {}): BreakerRig {
  const rig = new BreakerRig({ failures: 2 });
  rig.call(1, "overloaded", details);
  rig.call(2, "overloaded", details);
  return rig;
}

function restMs(rig: BreakerRig): number {
  return (rig.phase as Open).dueAt - rig.now;
}

describe("a breaker that was stored", () => {
  it("waits for the rest of its cooldown after a restart", () => {
    const rig = openRig();
    rig.advance(10_000);
    rig.restart();
    expect(restMs(rig)).toBe(20_000);
    expect((rig.phase as Open).until).toBe(rig.wall + 20_000);
  });

  it("is due when the wall clock has passed the deadline", () => {
    const rig = openRig();
    rig.restart(31_000);
    expect(restMs(rig)).toBe(0);
  });

  it("waits no longer than what set the deadline when the wall clock was set back", () => {
    const cooldown = openRig();
    cooldown.restart(-86_400_000);
    expect(restMs(cooldown)).toBe(30_000);
    const hint = openRig({ retryAfterMs: 3_600_000 });
    hint.restart(-86_400_000);
    expect(restMs(hint)).toBe(3_600_000);
  });

  it("loads half-open as open and due, so that a lost probe blocks nothing", () => {
    const rig = openRig();
    rig.coolDown();
    rig.admit(3);
    rig.restart();
    expect(rig.phase.name).toBe("open");
    rig.advance(0);
    expect(rig.phase.name).toBe("half-open");
    expect(rig.openings).toBe(1);
  });

  it("keeps a block until somebody lifts it", () => {
    const rig = new BreakerRig();
    rig.call(1, "blocked", { blockedBy: "account", message: "no credit" });
    rig.restart(86_400_000);
    expect(rig.phase).toEqual({ name: "blocked", by: "account", message: "no credit" });
  });

  it("goes on with its ramp, with nothing in flight", () => {
    const rig = openRig();
    rig.coolDown();
    rig.call(3, "succeeded");
    rig.admit(4);
    rig.restart();
    expect(rig.phase).toMatchObject({ name: "ramping", limit: 2, inFlight: 0 });
  });

  it("keeps the level, and the health that will lower it", () => {
    const rig = openRig();
    rig.coolDown();
    rig.recover();
    rig.advance(30_000);
    rig.restart();
    rig.advance(29_000);
    rig.trip();
    expect(restMs(rig)).toBe(60_000);
  });

  it("counts the health before a restart", () => {
    const rig = openRig();
    rig.coolDown();
    rig.recover();
    rig.advance(40_000);
    rig.restart();
    rig.advance(25_000);
    rig.trip();
    expect(restMs(rig)).toBe(30_000);
  });

  it("takes no result of the process that died", () => {
    const rig = openRig();
    const { epoch } = rig.state;
    rig.restart();
    rig.advance(30_000);
    expect(rig.state.epoch).toBe(epoch + 1);
  });
});

describe("what another process wrote", () => {
  function adopt(mine: BreakerRig, stored: StoredBreaker): string[] {
    const { state, effects } = merge(mine.state, stored, mine);
    mine.state = state;
    return effects.map((effect) => effect.type);
  }

  it("is taken over when its epoch is later", () => {
    const mine = new BreakerRig();
    const other = openRig();
    expect(adopt(mine, store(other.state, other))).toEqual(["opened"]);
    expect(restMs(mine)).toBe(30_000);
    other.command("reset");
    expect(adopt(mine, store(other.state, other))).toEqual(["closed"]);
    expect(mine.state.level).toBe(0);
  });

  it("changes nothing when its epoch is earlier, or its state our own", () => {
    const mine = openRig();
    expect(adopt(mine, store(new BreakerRig().state, mine))).toEqual([]);
    expect(adopt(mine, store(mine.state, mine))).toEqual([]);
    expect(mine.phase.name).toBe("open");
  });

  it("never shortens the deadline of the same epoch, and does lengthen it", () => {
    const mine = openRig();
    expect(adopt(mine, store(openRig({ retryAfterMs: 90_000 }).state, mine))).toEqual(["opened"]);
    expect(restMs(mine)).toBe(90_000);
    expect(adopt(mine, store(openRig().state, mine))).toEqual([]);
    expect(restMs(mine)).toBe(90_000);
  });

  it("makes us probe for ourselves when it is half-open, unless we are careful already", () => {
    const other = openRig();
    other.coolDown();
    const mine = new BreakerRig();
    expect(adopt(mine, store(other.state, other))).toEqual(["opened"]);
    expect(restMs(mine)).toBe(0);
    mine.advance(0);
    mine.admit(1);
    const before = mine.state;
    expect(adopt(mine, { ...store(other.state, other), epoch: before.epoch + 5 })).toEqual([]);
    expect(mine.state).toBe(before);
  });

  it("lets two processes that probe at the same time come to an end", () => {
    const [a, b] = [openRig(), openRig()];
    const share = (from: BreakerRig, to: BreakerRig) => adopt(to, store(from.state, from));
    for (const rig of [a, b]) rig.coolDown();
    const probes = [a.admit(1), b.admit(2)];
    share(a, b);
    share(b, a);
    a.end(probes[0]!, "succeeded");
    b.end(probes[1]!, "succeeded");
    for (const rig of [a, b]) rig.recover();
    share(a, b);
    share(b, a);
    expect([a.phase.name, b.phase.name]).toEqual(["closed", "closed"]);
  });

  it("that refuses the key stops us as well", () => {
    const other = new BreakerRig();
    other.call(1, "blocked", { blockedBy: "key" });
    const mine = new BreakerRig();
    expect(adopt(mine, store(other.state, other))).toEqual(["blocked"]);
  });

  it("that refuses the key stops us as well where we have just opened, and is not undone by that", () => {
    const other = new BreakerRig();
    other.call(1, "blocked", { blockedBy: "key" });
    const mine = openRig();
    expect(mine.state.epoch).toBe(other.state.epoch);
    const opened = store(mine.state, mine);
    expect(adopt(mine, store(other.state, other))).toEqual(["blocked"]);
    expect(adopt(mine, opened)).toEqual([]);
    expect(mine.phase.name).toBe("blocked");
  });

  it("keeps us from taking an endpoint for unreachable that it has reached", () => {
    const mine = new BreakerRig();
    mine.state = initial(0);
    adopt(mine, store(openRig().state, mine));
    mine.coolDown();
    mine.call(1, "unreachable");
    expect(mine.effects.filter(({ type }) => type === "neverReached")).toEqual([]);
    expect(mine.phase.name).toBe("open");
  });
});
