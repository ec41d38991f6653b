import { nextAvailableAt, waitingGroups } from "../../observe/foresight.ts";
import type { Look } from "../../observe/status.ts";
import type { Clock } from "../../ports/clock.ts";
import type { BudgetWatch } from "../../scheduler/budget-watch.ts";
import type { Lane } from "../../scheduler/lane.ts";
import { printableLine } from "../text/printable.ts";
import type { Activity } from "./sight.ts";
import { activityOf, budgetWait, type Hold } from "./wait-text.ts";

/** What this process works with; without budget before the first lane is there. */
export interface Work {
  lanes: readonly Lane[];
  budget: BudgetWatch | null;
}

/**
 * What this process does on the run, or what it waits for.
 * @param silentSince when a call last came to its end, or none was in flight; by the monotonic clock
 */
export async function workActivity(
  { lanes, budget }: Work,
  clock: Clock,
  { outlook, status }: Look,
  silentSince: number,
): Promise<Activity> {
  const ofRun = budget?.waiting.get(null);
  if (ofRun) return budgetWait(new Map([[null, ofRun]]), clock.wall());
  const inFlight = flying(lanes);
  const stand = {
    endpoints: lanes.length,
    holds: holdsOf(lanes, clock),
    inFlight,
    silentMs: clock.now() - silentSince,
    retryMs: null,
    elsewhere: 0,
  };
  if (budget === null || inFlight > 0 || outlook.left === 0) return activityOf(stand);
  const retryAt = await nextAvailableAt(lanes, budget.closed);
  if (retryAt !== null) return activityOf({ ...stand, retryMs: retryAt - clock.wall() });
  if (lanes.some((lane) => lane.isBusy)) return activityOf(stand);
  const groups = await waitingGroups(lanes, budget);
  if (groups.size > 0) return budgetWait(groups, clock.wall());
  return activityOf({ ...stand, elsewhere: status.jobs.running });
}

/** Calls of all lanes. */
export function flying(lanes: readonly Lane[]): number {
  return lanes.reduce((sum, { gate }) => sum + gate.limiterView().concurrency.inFlight, 0);
}

function holdsOf(lanes: readonly Lane[], clock: Clock): Hold[] {
  return lanes.flatMap(({ endpoint, gate }) => {
    const wait = gate.waitingFor();
    const leftMs = wait?.until == null ? null : Math.max(0, wait.until - clock.now());
    return wait === null ? [] : [{ endpoint, reason: printableLine(wait.reason), leftMs }];
  });
}
