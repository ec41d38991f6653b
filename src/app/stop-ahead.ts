import type { RunOptions } from "../config/run-options.ts";
import { Budget } from "../control/budget/budget.ts";
import { targetsOf } from "../domain/request.ts";
import type { Run } from "../domain/run.ts";
import type { GroupSpends, InDoubt, SpendReport, Unrescued } from "../domain/spend.ts";
import { type StopReason, stopReason } from "../domain/stop-reason.ts";
import type { Clock } from "../ports/clock.ts";
import type { GroupSet, StoreReader } from "../ports/store.ts";
import { Answered } from "../scheduler/answered.ts";
import { tooManyFailures } from "../scheduler/bounds.ts";
import { boundedDoubts, budgetedDoubt } from "../scheduler/doubt-cost.ts";
import { budgetsOf, pricedOutlets } from "./settings/budget-settings.ts";

/**
 * Why a run that no process works on would stop at once if it were resumed, by what is on record; null where it would go on.
 * @param options that it would be resumed with
 * @throws LlmBatchError FILE_UNREADABLE, BAD_PRICE_FILE
 */
export async function stopAhead(
  store: StoreReader,
  run: Run,
  options: RunOptions,
  clock: Clock,
): Promise<StopReason | null> {
  const wallMs = clock.wall();
  const figures = await store.figures(run.id);
  const { jobs } = figures;
  if (run.state !== "open" || jobs.pending + jobs.running === 0) return null;
  const models = await store.models(run.id);
  const unrescued = await store.unrescued(run.id);
  const report = rescued(await store.spend(run.id), unrescued);
  // To read the prices takes longer than all else, and few runs have anything in doubt.
  const outlets = hasDoubts(report) ? await pricedOutlets(run.request, options, models, clock) : [];
  const budgets = budgetsOf(options, outlets);
  const answered = new Answered(figures);
  const costInDoubt = (doubt: InDoubt): number => budgetedDoubt(doubt, budgets.mostCost, answered);
  const budget = new Budget({ ...budgets, costInDoubt }, boundedDoubts(report, answered));
  const closure = budget.closure(wallMs);
  if (closure !== null && closure.until === null) return stopReason.budget(closure);
  const closed = [...budget.closedGroups(wallMs)].flatMap(([group, { until }]) =>
    until === null ? [group] : [],
  );
  if (closed.length > 0 && budgets.overBudget === "wait") {
    const isOtherClaimed = unrescued.groups.some((group) => group === null || !closed.includes(group));
    if (!isOtherClaimed && !(await isPending(store, run, models, new Set(closed))))
      return stopReason.groupBudgets(closed);
  }
  return tooManyFailures(options.maxFailures, { totalRows: jobs.total, failedRows: jobs.failed });
}

/** The report as it will be once the claims of dead processes are taken back. */
function rescued({ wallMs, run, hour, day }: SpendReport, { inDoubt: unrescued }: Unrescued): SpendReport {
  const withDoubts = ({ used, inDoubt }: GroupSpends): GroupSpends => ({
    used,
    inDoubt: [...inDoubt, ...unrescued],
  });
  return { wallMs, run: withDoubts(run), hour: withDoubts(hour), day: withDoubts(day) };
}

function hasDoubts({ run, hour, day }: SpendReport): boolean {
  return [run, hour, day].some(({ inDoubt }) => inDoubt.length > 0);
}

/** Whether a job is pending whose group isn't closed. */
async function isPending(
  store: StoreReader,
  run: Run,
  models: readonly (string | null)[],
  closed: GroupSet,
): Promise<boolean> {
  const queues = targetsOf(run.request).flatMap((_, stage) => models.map((model) => ({ model, stage })));
  const times = await Promise.all(queues.map((queue) => store.nextAvailableAt(run.id, queue, closed)));
  return times.some((at) => at !== null);
}
