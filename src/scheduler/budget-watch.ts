import type { Closure, SpanLimit } from "../control/budget/account.ts";
import { Budget, type BudgetSettings, type SettledCall } from "../control/budget/budget.ts";
import { LIMITS } from "../control/budget/limit.ts";
import type { ClaimedJob } from "../domain/job.ts";
import { kebab } from "../domain/kebab.ts";
import { usdText } from "../domain/nano-usd.ts";
import type { Outcome } from "../domain/outcome.ts";
import type { RunFigures } from "../domain/run.ts";
import { countedSpend, type InDoubt, type Spend, type SpendReport } from "../domain/spend.ts";
import type { Charge } from "../domain/usage.ts";
import type { Clock } from "../ports/clock.ts";
import type { GroupSet, Store } from "../ports/store.ts";
import { Answered } from "./answered.ts";
import { boundedDoubts, budgetedDoubt, type MostCost } from "./doubt-cost.ts";
import type { RunEvent } from "./events.ts";
import type { Outlet } from "./outlet.ts";

/** What a run may use, and what becomes of a group that has used up its part. */
export interface Budgets extends Omit<BudgetSettings, "costInDoubt"> {
  overBudget: "wait" | "fail";
  mostCost: MostCost;
}

/** What was taken from the budgets for one call. Every hold is settled once. */
export interface BudgetHold {
  group: string | null;
  estimate: Spend;
}

interface BudgetContext {
  store: Pick<Store, "spend" | "othersVersion" | "failGroup">;
  run: string;
  budgets: Budgets;
  clock: Clock;
  observe(event: Extract<RunEvent, { type: "over_budget" | "group_failed" }>): void;
}

/** @param figures of the run as it stands */
export async function openBudgetWatch(
  context: BudgetContext,
  figures: Pick<RunFigures, "attempts" | "tokens" | "cost">,
): Promise<BudgetWatch> {
  return new BudgetWatch(context, await context.store.spend(context.run), new Answered(figures));
}

/** Keeps a drain within its budgets: takes an estimate for each call before it is sent, and tells each limit that is used up. */
export class BudgetWatch {
  readonly #context: BudgetContext;
  readonly #budget: Budget;
  readonly #answered: Answered;
  /** Whether anything is limited at all: else nothing is ever closed, and `refresh` is of no use. */
  readonly hasLimits: boolean;
  /** `Store.othersVersion` when the budgets were read last; null has them read again in any case. */
  #othersVersion: string | null = null;
  /** For each time the budgets are being read, the calls that were settled since. */
  readonly #meanwhile = new Set<SettledCall[]>();
  /** How often the budgets were begun to be read, and which time is in force. */
  #readsBegun = 0;
  #readInForce = 0;
  /** What was told last: the limit and when it opens, by group (null for the run). */
  readonly #told = new Map<string | null, string>();

  constructor(context: BudgetContext, report: SpendReport, answered: Answered) {
    this.#context = context;
    this.#answered = answered;
    const { run, others, groups } = context.budgets;
    this.hasLimits = [run, others, ...groups.values()].some((limits) =>
      Object.values(limits).some((most) => (most ?? null) !== null),
    );
    const costInDoubt = (doubt: InDoubt): number => budgetedDoubt(doubt, context.budgets.mostCost, answered);
    this.#budget = new Budget({ ...context.budgets, costInDoubt }, boundedDoubts(report, answered));
  }

  /** Whether the run as a whole may send; groups may be closed all the same. */
  get isOpen(): boolean {
    return !this.hasLimits || this.#budget.closure(this.#wall) === null;
  }

  /** Groups that may not send now. */
  get closed(): GroupSet {
    return this.#budget.closedGroups(this.#wall);
  }

  /** Limits of an hour or a day that are used up, by group; null stands for the whole run. */
  get waiting(): ReadonlyMap<string | null, Closure> {
    const all = this.#budget.closure(this.#wall);
    const closures: [string | null, Closure][] = [...this.#usedUp()];
    if (all !== null && !all.isPassing) closures.push([null, all]);
    return new Map(closures.filter(([, { until }]) => until !== null));
  }

  /** The limits of an hour or a day that hold for all rows. */
  get spanLimits(): readonly SpanLimit[] {
    return this.#budget.spanLimits(this.#wall);
  }

  /** Groups whose limit is for the whole run, and used up by what is on record. */
  get closedForGood(): ReadonlySet<string> {
    return new Set(this.#usedUp().flatMap(([group, { until }]) => (until === null ? [group] : [])));
  }

  /** The limit of the whole run that ends it; null while there is none. */
  get end(): Closure | null {
    const closure = this.#budget.closure(this.#wall);
    return closure !== null && !closure.isPassing && closure.until === null ? closure : null;
  }

  /** Null where the group or the run is closed: the job goes back. */
  take({ group }: ClaimedJob, charge: Charge, { mostCost }: Outlet): BudgetHold | null {
    const estimate = {
      tokens: charge.inputTokens + this.#outputOf(charge),
      nanoUsd: mostCost?.(charge) ?? this.#answered.meanNanoUsd,
    };
    const isTaken = !this.hasLimits || this.#budget.take(group, estimate, this.#wall);
    return isTaken ? { group, estimate } : null;
  }

  /** @param outcome as it was recorded; null for a call that was not sent */
  settle({ group, estimate }: BudgetHold, outcome: Outcome | null): void {
    if (outcome !== null) this.#answered.learn(outcome);
    if (!this.hasLimits) return;
    const used = outcome && countedSpend(outcome, estimate);
    this.#budget.settle(group, estimate, used, this.#wall);
    if (used !== null) for (const settled of this.#meanwhile) settled.push({ group, used });
    this.#tell(null, this.#budget.closure(this.#wall));
    if (group !== null) this.#tell(group, this.#budget.closedGroups(this.#wall).get(group) ?? null);
  }

  /**
   * Takes over what other processes and runs have used, and fails the rows of groups that are over, where that is asked for.
   * @returns how many rows have failed by it
   */
  async keep(): Promise<number> {
    if (!this.hasLimits) return 0;
    // Only for these groups it is sure that what is read has each of their calls once.
    const atRest = new Set(this.#atRest().map(([group]) => group));
    await this.#read();
    if (this.#context.budgets.overBudget === "wait") return 0;
    let failed = 0;
    for (const [group, closure] of this.#atRest()) {
      if (atRest.has(group)) failed += await this.#fail(group, closure);
    }
    return failed;
  }

  /**
   * Called right before `take`, so that several processes on a run pass its budget by no more than what they have in flight. What is
   * used is read only where others may have used some: of thousands of groups that takes milliseconds.
   */
  async refresh(): Promise<void> {
    const { store, clock } = this.#context;
    if ((await store.othersVersion()) === this.#othersVersion) return;
    // In a turn of its own, see Budget.sync.
    await new Promise<void>((resolve) => clock.timer(clock.now(), resolve));
    const version = await store.othersVersion();
    if (version === this.#othersVersion) return;
    await this.#read();
    this.#othersVersion = version;
  }

  /** Has the next `refresh` read the budgets: this process has recorded calls of processes that died, which it never settles. */
  readAgain(): void {
    this.#othersVersion = null;
  }

  async #read(): Promise<void> {
    const { store, run } = this.#context;
    const turn = ++this.#readsBegun;
    const meanwhile: SettledCall[] = [];
    this.#meanwhile.add(meanwhile);
    try {
      const report = await store.spend(run);
      // A server may answer out of turn; what was asked for later knows all that others had used by now.
      if (turn > this.#readInForce) this.#sync(report, meanwhile);
      this.#readInForce = Math.max(turn, this.#readInForce);
    } finally {
      this.#meanwhile.delete(meanwhile);
    }
  }

  #sync(report: SpendReport, meanwhile: readonly SettledCall[]): void {
    this.#budget.sync(boundedDoubts(report, this.#answered), meanwhile);
    this.#tell(null, this.#budget.closure(this.#wall));
    for (const [group, closure] of this.#budget.closedGroups(this.#wall)) this.#tell(group, closure);
  }

  async #fail(group: string, closure: Closure): Promise<number> {
    const { store, run, observe } = this.#context;
    const error = overBudget(closure);
    const rows = await store.failGroup(run, group, error);
    if (rows > 0) observe({ type: "group_failed", group, code: error.code, rows });
    return rows;
  }

  get #wall(): number {
    return this.#context.clock.wall();
  }

  #usedUp(): [string, Closure][] {
    return [...this.#budget.closedGroups(this.#wall)].filter(([, { isPassing }]) => !isPassing);
  }

  /** Groups that are used up, with nothing in flight that could change it. */
  #atRest(): [string, Closure][] {
    return this.#usedUp().filter(([, { callsInFlight }]) => callsInFlight === 0);
  }

  #outputOf({ outputTokens }: Charge): number {
    return outputTokens > 0 ? outputTokens : this.#answered.meanOutputTokens;
  }

  /** Tells a limit that is used up once; again only for another hour or day. */
  #tell(group: string | null, closure: Closure | null): void {
    if (closure === null || closure.isPassing) return;
    const what = `${closure.limit} ${closure.until}`;
    if (this.#told.get(group) === what) return;
    this.#told.set(group, what);
    this.#context.observe({ type: "over_budget", group, closure });
  }
}

/** Why a row of a group fails whose budget is used up. */
function overBudget({ limit, used, most }: Closure): { code: string; message: string } {
  const figure = LIMITS[limit].measure === "nanoUsd" ? usdText : String;
  return {
    code: "OVER_BUDGET",
    message: `the budget of its group is used up: ${figure(used)} of ${kebab(limit)} ${figure(most)}`,
  };
}
