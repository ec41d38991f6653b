import type { GroupSet, Queue } from "../../ports/store.ts";
import type { PendingLanes } from "./pending-lanes.ts";

/** Says when the next job is ready; looks at indexes alone. */
export class WaitingJobs {
  readonly #lanes: PendingLanes;

  constructor(lanes: PendingLanes) {
    this.#lanes = lanes;
  }

  /** Wall clock; 0 when a job is ready, null when none is pending in a group that isn't closed. */
  nextAvailableAt(
    run: number,
    queue: Queue,
    { closed, wallMs }: { closed: GroupSet; wallMs: number },
  ): number | null {
    for (const { group } of this.#lanes.fresh(run, queue)) if (!isClosed(group, closed)) return 0;
    let first: number | null = null;
    for (const { group, dueAt } of this.#lanes.delayed(run, queue)) {
      if (isClosed(group, closed)) continue;
      if (dueAt <= wallMs) return 0;
      first = Math.min(dueAt, first ?? dueAt);
    }
    return first;
  }
}

/** Rows of no group have no budget of their own. */
export function isClosed(group: string | null, closed: GroupSet): boolean {
  return group !== null && closed.has(group);
}
