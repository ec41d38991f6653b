import { describe, expect, it } from "vitest";
import { FakeLimiter } from "../../../helpers/fake-limiter.ts";
import { gateRig, turn } from "../../../helpers/gate-rig.ts";
import { ManualClock } from "../../../helpers/manual-clock.ts";

describe("a newcomer", () => {
  it("goes on where an earlier process stopped, and says so from its timer", async () => {
    const first = gateRig();
    await first.trip();
    await first.advance(10_000);
    const clock = new ManualClock(first.clock.wall());
    const second = gateRig({ clock, saved: first.gate.exchange(null).text });
    expect(second.events).toEqual([]);
    expect(second.gate.room(250, 0)).toBe(0);
    await second.advance(0);
    expect(second.events).toMatchObject([{ type: "opened", until: 20_000, forgive: [] }]);
    await second.advance(20_000);
    expect(second.told).toEqual(["opened", "half-open"]);
  });

  it.each([
    ["exhausted", 3_600_000],
    ["throttled", 120_000],
  ])("tells a newcomer once of calls that are held back for long: %s", async (type, until) => {
    const limiter = new FakeLimiter();
    limiter.blockedUntil = until;
    const rig = gateRig({ limiter });
    expect(rig.gate.opensAt()).toBe(until);
    await rig.advance(0);
    await rig.ask(1);
    await rig.advance(60_000);
    expect(rig.events).toEqual([{ type, until }]);
  });

  it("tells a newcomer that the key is refused", async () => {
    const first = gateRig();
    await first.call(1, "blocked", { blockedBy: "key", message: "invalid key" });
    const second = gateRig({ saved: first.gate.exchange(null).text });
    await second.advance(0);
    expect(second.events).toEqual([{ type: "blocked", by: "key", message: "invalid key" }]);
    expect(second.gate.waitingFor()).toEqual({ reason: "invalid key", until: null });
  });

  it("forgets a shared state of another version", () => {
    const rig = gateRig({ saved: JSON.stringify({ version: 0, breaker: "?" }) });
    expect(rig.gate.breakerState().state).toBe("closed");
  });
});

it("takes over what another process found, and its recovery", async () => {
  const [mine, other] = [gateRig(), gateRig()];
  await other.trip();
  mine.gate.exchange(other.gate.exchange(null).text).accept();
  expect(mine.told).toEqual(["opened"]);
  await mine.ask(1);
  other.gate.command("reset");
  mine.gate.exchange(other.gate.exchange(null).text).accept();
  await turn();
  expect(mine.told).toEqual(["opened", "closed"]);
  expect(mine.jobs).toEqual([1]);
});
