import type { CancelTimer, Clock } from "../ports/clock.ts";

/** Node clamps longer delays to 1 ms, so a far moment is reached in steps. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** A timer this late means that the process was stopped, or its machine slept. */
const SLEPT_MS = 1_000;
/** For reading what came in meanwhile: Node runs timers first, and would give up calls whose answers are there. */
const READING_MS = 250;

function timer(at: number, fire: () => void): CancelTimer {
  const delay = (): number => Math.min(Math.max(Math.ceil(at - performance.now()), 0), MAX_DELAY_MS);
  const due = (): void => {
    const lateMs = performance.now() - at;
    if (lateMs < 0) handle = setTimeout(due, delay());
    else if (lateMs < SLEPT_MS) fire();
    else handle = setTimeout(fire, READING_MS);
  };
  let handle = setTimeout(due, delay());
  return () => clearTimeout(handle);
}

/** The machine's own clocks. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  timer,
};
