import tty from "node:tty";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { exitOnSignals, stopOnSignals } from "../../../../src/cli/session/signals.ts";
import { StopSwitch } from "../../../../src/scheduler/stop.ts";
import { ManualClock } from "../../../helpers/manual-clock.ts";

/** Notes the exit instead of taking it. */
function noteExits(): (number | undefined)[] {
  const codes: (number | undefined)[] = [];
  vi.spyOn(process, "exit").mockImplementation(((code?: number) => {
    codes.push(code);
  }) as typeof process.exit);
  return codes;
}

beforeEach(() => {
  vi.spyOn(tty, "isatty").mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("signals", () => {
  test("end work that leaves nothing to finish at once, after its last words", () => {
    const codes = noteExits();
    const words: string[] = [];
    const restore = exitOnSignals((signal) => words.push(signal));
    process.emit("SIGINT");
    process.emit("SIGTERM");
    restore();
    expect(words).toEqual(["SIGINT", "SIGTERM"]);
    expect(codes).toEqual([130, 143]);
  });

  test("stop a run in good order, and end the process the second time", () => {
    const codes = noteExits();
    const stop = new StopSwitch();
    const abandon = vi.fn();
    const clock = new ManualClock();
    const restore = stopOnSignals(stop, clock, abandon);
    process.emit("SIGINT");
    expect(stop.reason?.code).toBe("SIGINT");
    expect(abandon).not.toHaveBeenCalled();
    clock.advance(500);
    process.emit("SIGTERM");
    expect(abandon).toHaveBeenCalledOnce();
    expect(codes).toEqual([143]);
    restore();
  });

  test("of a closed terminal come twice, and end nothing at once", () => {
    const codes = noteExits();
    const stop = new StopSwitch();
    const clock = new ManualClock();
    const restore = stopOnSignals(stop, clock, () => {});
    process.emit("SIGHUP");
    clock.advance(500);
    process.emit("SIGHUP");
    expect(stop.reason?.code).toBe("SIGHUP");
    expect(codes).toEqual([]);
    process.emit("SIGTERM");
    expect(codes).toEqual([143]);
    restore();
  });

  test("that come twice in the same moment, as `timeout` sends them, are one", () => {
    const codes = noteExits();
    const stop = new StopSwitch();
    const clock = new ManualClock();
    const restore = stopOnSignals(stop, clock, () => {});
    process.emit("SIGTERM");
    clock.advance(20);
    process.emit("SIGTERM");
    expect(stop.reason?.code).toBe("SIGTERM");
    expect(codes).toEqual([]);
    clock.advance(480);
    process.emit("SIGTERM");
    expect(codes).toEqual([143]);
    restore();
  });

  test("are nobody's affair any more afterwards", () => {
    const before = process.listenerCount("SIGINT");
    const restore = stopOnSignals(new StopSwitch(), new ManualClock(), () => {});
    expect(process.listenerCount("SIGINT")).toBe(before + 1);
    restore();
    expect(process.listenerCount("SIGINT")).toBe(before);
  });
});
