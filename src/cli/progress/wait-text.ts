import { formatDuration } from "../../domain/duration.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Lane } from "../../scheduler/lane.ts";

/** What the run is waiting for right now, e.g. `waiting 12s: tokens`; null when nothing is held back. */
export function waitText(lanes: readonly Lane[], clock: Clock): string | null {
  const waits = lanes.flatMap((lane) => lane.gate.waitingFor() ?? []);
  const [wait] = waits.sort((a, b) => (a.until ?? Infinity) - (b.until ?? Infinity));
  if (!wait) return null;
  const left = wait.until === null ? "" : ` ${formatDuration(Math.max(0, wait.until - clock.now()))}`;
  return `waiting${left}: ${wait.reason}`;
}
