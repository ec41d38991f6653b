import { describe, expect, it } from "vitest";
import { claimedJob } from "../../helpers/claimed-job.ts";
import { FakeLimiter } from "../../helpers/fake-limiter.ts";
import { gateRig, turn } from "../../helpers/gate-rig.ts";

const SETTINGS = { failures: 5, cooldownMs: 30_000, probes: 1, on429: false };

describe("an open breaker", () => {
  it("lets nothing go and gives no room, until the clock opens the way for a probe", async () => {
    const rig = gateRig();
    await rig.trip();
    await rig.ask(1);
    expect(rig.told).toEqual(["opened"]);
    expect(rig.gate.room(250, 0)).toBe(0);
    expect(rig.gate.waitingFor()).toEqual({ reason: "breaker open", until: 30_000 });
    expect(rig.gate.breakerState()).toEqual({
      state: "open",
      retryAt: rig.clock.wall() + 30_000,
      reason: "5 failures in a row, the last http_500",
    });
    await rig.advance(29_999);
    expect(rig.permits.at(-1)?.job).toBe(905);
    await rig.advance(1);
    expect(rig.permits.at(-1)).toMatchObject({ job: 1, probe: true });
  });

  it("turns half-open by the clock also when nobody waits, and then has room for the probes", async () => {
    const rig = gateRig({ breaker: { ...SETTINGS, probes: 2 } });
    await rig.trip();
    await rig.advance(30_000);
    expect(rig.told).toEqual(["opened", "half-open"]);
    expect(rig.gate.room(250, 0)).toBe(2);
    await rig.ask(1);
    expect(rig.gate.room(250, 0)).toBe(1);
  });

  it("probes with the smallest prompt, and with another job each time", async () => {
    const rig = gateRig();
    await rig.trip();
    for (const [job, tokens] of [
      [1, 500],
      [2, 20],
      [3, 30],
    ] as const)
      await rig.ask(job, tokens);
    for (const expected of [2, 3, 1]) {
      while (rig.gate.breakerState().state === "open") rig.clock.advanceToNext();
      await turn();
      expect(rig.permits.at(-1)).toMatchObject({ job: expected, probe: true });
      await rig.end(expected, "transient");
      await rig.ask(expected, 1, 2);
    }
  });

  it("probes with a job that never failed rather than with one that did", async () => {
    const rig = gateRig();
    await rig.trip();
    void rig.gate.admit(claimedJob(1, { failures: 2 }), { inputTokens: 1, outputTokens: 0 });
    await rig.ask(2, 100);
    await rig.advance(30_000);
    expect(rig.permits.at(-1)?.job).toBe(2);
  });

  it("lets the next probe go when the lease of a hung one has run out, without anybody asking", async () => {
    const rig = gateRig();
    await rig.trip();
    await rig.ask(1);
    await rig.ask(2);
    await rig.advance(30_000);
    expect(rig.permits.at(-1)?.job).toBe(1);
    expect(rig.gate.waitingFor()).toEqual({ reason: "breaker half-open", until: null });
    await rig.advance(30_000);
    expect(rig.permits.at(-1)?.job).toBe(2);
  });

  it.each([
    ["the limiter's slots", new FakeLimiter(2), 64, [31, 32, 33]],
    ["this process's slots", new FakeLimiter(), 2, [31, 32]],
  ])("is told of a stall by its own timer, when %s are taken", async (_, limiter, maxConcurrency, asking) => {
    const rig = gateRig({ limiter, maxConcurrency });
    for (let job = 1; job <= 20; job += 1) await rig.call(job, "succeeded");
    for (const job of asking) await rig.ask(job);
    await rig.advance(10_000);
    expect(rig.events).toMatchObject([{ type: "opened", reason: "no answer for 10 s with all slots taken" }]);
  });

  it("reports the failures of the calls it caught in flight to be given back, and stays where it is", async () => {
    const rig = gateRig();
    await rig.ask(1);
    await rig.trip();
    const before = rig.gate.breakerState();
    await rig.end(1, "interrupted");
    expect(rig.events.at(-1)).toEqual({ type: "forgive", forgive: [{ job: 1, attempt: 1 }] });
    expect(rig.gate.breakerState()).toEqual(before);
  });
});

it("a gate is opened, closed and reset by hand", async () => {
  const rig = gateRig();
  rig.gate.command("open");
  await rig.ask(1);
  expect(rig.gate.breakerState()).toEqual({ state: "blocked", retryAt: null, reason: "opened by hand" });
  await rig.advance(86_400_000);
  expect(rig.permits).toEqual([]);
  rig.gate.command("close");
  await turn();
  expect(rig.jobs).toEqual([1]);
  expect(rig.told).toEqual(["blocked", "closed"]);
});
