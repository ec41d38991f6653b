import type { Closure } from "../control/budget/account.ts";
import type { Pace, Ration } from "../domain/history.ts";
import type { RunFigures } from "../domain/run.ts";
import { type GroupSet, NO_GROUPS } from "../ports/store.ts";
import type { BudgetWatch } from "../scheduler/budget-watch.ts";
import type { Lane } from "../scheduler/lane.ts";

type WaitingBudget = Pick<BudgetWatch, "waiting">;

/** A run as a process sees it that works on it. */
interface Work {
  lanes: readonly Pick<Lane, "nextAvailableAt" | "pendingGroups">[];
  budget: Pick<BudgetWatch, "waiting" | "spanLimits">;
  figures: Pick<RunFigures, "jobs" | "attempts" | "cost" | "estimated">;
  /** No process takes a row in hand, though calls could go out. */
  isIdle: boolean;
  wallMs: number;
}

/** The pace with what is to come: budgets that are used up, and the next try. Null where nobody knows when rows go on. */
export async function withForesight(pace: Pace, work: Work): Promise<Pace | null> {
  const { rowsPerMinute, callsPerRow, tokensPerRow } = pace;
  const rations = rationsOf(pace, work);
  const known = { rowsPerMinute, callsPerRow, tokensPerRow, ...(rations.length > 0 && { rations }) };
  // How many rows these groups have isn't on record, so nobody knows when they go on.
  if ((await waitingGroups(work.lanes, work.budget)).size > 0) return null;
  if (!work.isIdle || work.budget.waiting.has(null)) return known;
  const at = await nextAvailableAt(work.lanes, NO_GROUPS);
  return at !== null && at > work.wallMs ? { ...known, retryMs: at - work.wallMs } : null;
}

/** The groups of a run whose rows wait until an hour or a day is over, and what for. */
export async function waitingGroups(
  lanes: Work["lanes"],
  { waiting }: WaitingBudget,
): Promise<ReadonlyMap<string, Closure>> {
  const groups = new Map<string, Closure>();
  if (waiting.size === 0) return groups;
  for (const lane of lanes) {
    for (const group of await lane.pendingGroups()) {
      const closure = waiting.get(group);
      if (closure !== undefined) groups.set(group, closure);
    }
  }
  return groups;
}

/**
 * Wall clock at which the next job is due that one of the lanes could claim, `closed` groups left out: 0 when one is ready, null
 * when none is pending.
 */
export async function nextAvailableAt(lanes: Work["lanes"], closed: GroupSet): Promise<number | null> {
  const times = await Promise.all(lanes.map((lane) => lane.nextAvailableAt(closed)));
  const known = times.filter((at) => at !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function rationsOf({ tokensPerRow }: Pace, { budget, figures, wallMs }: Work): Ration[] {
  const { jobs, attempts, cost, estimated } = figures;
  const rows = Math.max(1, attempts.succeeded + jobs.failed);
  const perRow = { tokens: tokensPerRow, nanoUsd: (cost.nano_usd + estimated.nano_usd) / rows };
  return budget.spanLimits.flatMap(({ measure, most, left, spanMs, until }) => {
    const units = perRow[measure];
    return units === 0
      ? []
      : [{ left: left / units, perSpan: most / units, spanMs, resetMs: until - wallMs }];
  });
}
