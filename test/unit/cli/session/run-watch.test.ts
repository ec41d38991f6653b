import { describe, expect, test } from "vitest";
import { RunWatch } from "../../../../src/cli/session/run-watch.ts";
import type { RunState } from "../../../../src/domain/run.ts";
import { stopReason } from "../../../../src/domain/stop-reason.ts";
import { StopSwitch } from "../../../../src/scheduler/stop.ts";
import { ManualClock } from "../../../helpers/manual-clock.ts";
import { finishedRun } from "../../../helpers/result-rows.ts";

/** A run whose state and workers a test sets. */
function watched() {
  const now: { state: RunState | null; isWorkedOn: boolean } = { state: "open", isWorkedOn: true };
  const clock = new ManualClock();
  const stop = new StopSwitch();
  const store = {
    findRun: async () => (now.state === null ? null : finishedRun({ state: now.state })),
    isWorkedOn: async () => now.isWorkedOn,
  };
  return { now, clock, stop, watch: new RunWatch({ store, run: "r_1", clock, stop }) };
}

describe("watching a run", () => {
  test.each(["finished", "cancelled"] as const)(
    "is over when the run is %s, with exit code 0",
    async (state) => {
      const { now, watch } = watched();
      expect(await watch.isOver()).toBe(false);
      now.state = state;
      expect(await watch.isOver()).toBe(true);
      expect(watch.exitCode).toBe(0);
    },
  );

  test("is over when nobody was seen at work twice in a row, with exit code 75", async () => {
    const { now, watch } = watched();
    now.isWorkedOn = false;
    expect(await watch.isOver()).toBe(false);
    now.isWorkedOn = true;
    expect(await watch.isOver()).toBe(false);
    now.isWorkedOn = false;
    expect(await watch.isOver()).toBe(false);
    expect(await watch.isOver()).toBe(true);
    expect(watch.exitCode).toBe(75);
  });

  test("of a run that is deleted meanwhile is over with exit code 75", async () => {
    const { now, watch } = watched();
    Object.assign(now, { state: null, isWorkedOn: false });
    await watch.isOver();
    expect(await watch.isOver()).toBe(true);
    expect(watch.exitCode).toBe(75);
  });

  test("waits a second between looks", async () => {
    const { clock, watch } = watched();
    const pause = watch.pause();
    clock.advance(999);
    expect(clock.pending).toBe(1);
    clock.advance(1);
    await pause;
  });

  test("ends its wait and is over on a signal, with that signal's exit code", async () => {
    const { clock, stop, watch } = watched();
    const pause = watch.pause();
    stop.stop(stopReason.signal("SIGINT"));
    await pause;
    expect(clock.pending).toBe(0);
    expect(await watch.isOver()).toBe(true);
    expect(watch.exitCode).toBe(130);
    await watch.pause();
  });
});
