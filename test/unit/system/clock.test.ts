import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import { systemClock } from "../../../src/system/clock.ts";

/** Holds up this whole process, as a stop of it would. */
function stop(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

const after = (ms: number, events: string[]): Promise<void> =>
  new Promise((resolve) =>
    systemClock.timer(systemClock.now() + ms, () => {
      events.push("timer");
      resolve();
    }),
  );

test("after a process was stopped, what came in meanwhile is read before timers that are long due", async () => {
  const events: string[] = [];
  const provider = spawn("sh", ["-c", "sleep 0.2; echo answer"], { stdio: ["ignore", "pipe", "ignore"] });
  provider.stdout.on("data", () => events.push("answer"));
  const timer = after(100, events);
  stop(1_500);
  await timer;
  expect(events).toEqual(["answer", "timer"]);
});

test("a timer in the past fires", async () => {
  const events: string[] = [];
  await after(-60_000, events);
  expect(events).toEqual(["timer"]);
});
