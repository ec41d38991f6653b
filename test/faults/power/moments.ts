import type { Random } from "../../../src/ports/random.ts";
import type { TraceEvent } from "./trace.ts";

/**
 * Chooses when to cut the power: half of the moments right after something was synced or told, where most is promised,
 * the others anywhere.
 * @returns how many events have happened by then, in ascending order
 */
export function chooseMoments(events: readonly TraceEvent[], count: number, random: Random): number[] {
  const promising = events.flatMap(({ kind }, index) =>
    kind === "synced" || kind === "told" ? [index + 1] : [],
  );
  return Array.from({ length: count }, (_, index) =>
    index % 2 === 0
      ? promising[Math.floor(random() * promising.length)]!
      : Math.floor(random() * (events.length + 1)),
  ).sort((one, other) => one - other);
}
