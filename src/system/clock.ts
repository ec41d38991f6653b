import type { CancelTimer, Clock } from "../ports/clock.ts";

/** Node clamps longer delays to 1 ms, so a far moment is reached in steps. */
const MAX_DELAY_MS = 2 ** 31 - 1;

function timer(at: number, fire: () => void): CancelTimer {
  const delay = (): number => Math.min(Math.max(Math.ceil(at - performance.now()), 0), MAX_DELAY_MS);
  const due = (): void => {
    if (performance.now() >= at) fire();
    else handle = setTimeout(due, delay());
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
