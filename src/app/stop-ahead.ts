import type { RunOptions } from "../config/run-options.ts";
import { Budget } from "../control/budget.ts";
import { targetsOf } from "../domain/request.ts";
import type { Run } from "../domain/run.ts";
import type { GroupSet, StoreReader } from "../ports/store.ts";
import { tooManyFailures } from "../scheduler/bounds.ts";
import { type StopReason, stopReason } from "../scheduler/stop.ts";
import { budgetsOf } from "./budget-settings.ts";

/**
 * Why a run that nobody is at would stop again at once, by what is on record; null where it would not. Nothing is known here of
 * what calls in doubt cost.
 * @param options that it would go on with
 */
export async function stopAhead(
  store: StoreReader,
  run: Run,
  options: RunOptions,
  wallMs: number,
): Promise<StopReason | null> {
  const { jobs } = await store.figures(run.id);
  if (run.state !== "open" || jobs.pending + jobs.running === 0) return null;
  const budgets = budgetsOf(options, []);
  const budget = new Budget({ ...budgets, costInDoubt: () => 0 }, await store.spend(run.id));
  const closure = budget.closure(wallMs);
  if (closure !== null && closure.until === null) return stopReason.budget(closure);
  const closed = [...budget.closedGroups(wallMs)].flatMap(([group, { until }]) =>
    until === null ? [group] : [],
  );
  if (closed.length > 0 && budgets.overBudget === "wait" && jobs.running === 0) {
    if (!(await isPending(store, run, new Set(closed)))) return stopReason.groupBudgets(closed);
  }
  return tooManyFailures(options.maxFailures, { totalRows: jobs.total, failedRows: jobs.failed });
}

/** Whether a job of a group that isn't closed is left. */
async function isPending(store: StoreReader, run: Run, closed: GroupSet): Promise<boolean> {
  const models = await store.models(run.id);
  const queues = targetsOf(run.request).flatMap((_, stage) => models.map((model) => ({ model, stage })));
  const times = await Promise.all(queues.map((queue) => store.nextAvailableAt(run.id, queue, closed)));
  return times.some((at) => at !== null);
}
