import type { GroupSpends, InDoubt, Spend, SpendReport } from "../../domain/spend.ts";
import { BudgetAccount, type Closure, type SpanLimit } from "./account.ts";
import { type BudgetLimits, type Span, spanStart } from "./limit.ts";

export interface BudgetSettings {
  /** For all rows together. */
  run: BudgetLimits;
  /** For the groups that have limits of their own. */
  groups: ReadonlyMap<string, BudgetLimits>;
  /** For each of the other groups. */
  others: BudgetLimits;
  /** What calls in doubt cost at most, in whole nano-USD. */
  costInDoubt(doubt: InDoubt): number;
}

/** What a call has used, in the budget of its group too. */
export interface SettledCall {
  group: string | null;
  used: Spend;
}

type Recorded = Record<Span, Spend>;

const SPANS: readonly Span[] = ["run", "hour", "day"];

/**
 * Says who may send within the budgets of a run and of its groups. A call is charged its estimate when it is sent, and what
 * it used when its end is on record. A group is open or closed by one of its limits: for good, until an hour or a day is
 * over, or only until calls in flight have ended. Rows of no group have the run's limits alone.
 */
export class Budget {
  readonly #settings: BudgetSettings;
  readonly #run: BudgetAccount;
  /** Of the groups that have limits and were seen. */
  readonly #groups = new Map<string, BudgetAccount>();
  /** Those of them that are closed, kept up to date with each change: there may be thousands of groups. */
  readonly #closed = new Map<string, Closure>();
  /** The hour that `#closed` holds for. */
  #hour = 0;

  constructor(settings: BudgetSettings, report: SpendReport) {
    this.#settings = settings;
    this.#run = new BudgetAccount(settings.run);
    this.sync(report);
  }

  /**
   * Takes over what is on record: what other processes and runs have used, and calls in doubt. To be read in a turn of the
   * event loop of its own, in which no call of this process is recorded: a call that is on record and not yet settled
   * would count twice until the next time.
   * @param meanwhile calls of this process that were settled while a server read the report: it may be without them, so they are
   * counted on top until the next time
   */
  sync(report: SpendReport, meanwhile: readonly SettledCall[] = []): void {
    const { wallMs } = report;
    const byGroup = new Map<string, Recorded>([...this.#groups.keys()].map((group) => [group, unused()]));
    const ofAll = unused();
    for (const span of SPANS) this.#gather(span, report[span], ofAll, byGroup);
    this.#run.adopt(ofAll, wallMs);
    for (const [group, recorded] of byGroup) this.#account(group)?.adopt(recorded, wallMs);
    for (const { group, used } of meanwhile) {
      this.#run.count(used);
      this.#account(group)?.count(used);
    }
    this.#reviewAll(wallMs);
  }

  /**
   * Leave to send a call.
   * @param estimate what it is taken to use: where that is never less than it will, a limit is passed by less than one call
   * @returns false where the group or the run is closed; then nothing is taken
   */
  take(group: string | null, estimate: Spend, wallMs: number): boolean {
    const account = this.#account(group);
    if (this.#run.closure(wallMs) !== null || (account?.closure(wallMs) ?? null) !== null) return false;
    this.#run.take(estimate);
    account?.take(estimate);
    this.#review(group, wallMs);
    return true;
  }

  /**
   * The call's end is on record.
   * @param estimate as it was taken
   * @param used null where the call was not sent after all
   */
  settle(group: string | null, estimate: Spend, used: Spend | null, wallMs: number): void {
    this.#run.settle(estimate, used, wallMs);
    this.#account(group)?.settle(estimate, used, wallMs);
    this.#review(group, wallMs);
  }

  /** What keeps the whole run from sending; null while nothing does. */
  closure(wallMs: number): Closure | null {
    return this.#run.closure(wallMs);
  }

  /** The limits of an hour or a day that hold for all rows. */
  spanLimits(wallMs: number): SpanLimit[] {
    return this.#run.spanLimits(wallMs);
  }

  /** The groups that may not send now, and why. */
  closedGroups(wallMs: number): ReadonlyMap<string, Closure> {
    if (spanStart("hour", wallMs) !== this.#hour) this.#reviewAll(wallMs);
    return this.#closed;
  }

  /** Wall clock of the next hour or day that opens the run, or where that is open a group; null where none will. */
  opensAt(wallMs: number): number | null {
    const closure = this.closure(wallMs);
    const closures = closure === null ? [...this.closedGroups(wallMs).values()] : [closure];
    const times = closures.map(({ until }) => until).filter((until) => until !== null);
    return times.length === 0 ? null : times.reduce((a, b) => Math.min(a, b));
  }

  #gather(span: Span, spends: GroupSpends, ofAll: Recorded, byGroup: Map<string, Recorded>): void {
    const countFor = (group: string, spend: Spend): void => {
      const recorded = byGroup.get(group) ?? unused();
      add(recorded[span], spend);
      byGroup.set(group, recorded);
    };
    for (const { group, ...used } of spends.used) {
      add(ofAll[span], used);
      if (group !== null) countFor(group, used);
    }
    for (const { group, ...doubt } of spends.inDoubt) {
      const atMost = this.#atMost(doubt);
      if (group === null) add(ofAll[span], atMost);
      else countFor(group, atMost);
    }
  }

  #atMost(doubt: InDoubt): Spend {
    return {
      tokens: doubt.inputTokens + doubt.outputTokens,
      nanoUsd: this.#settings.costInDoubt(doubt),
    };
  }

  /** Null for a group without limits. */
  #account(group: string | null): BudgetAccount | null {
    if (group === null) return null;
    const known = this.#groups.get(group);
    if (known !== undefined) return known;
    const { groups, others } = this.#settings;
    const account = new BudgetAccount(groups.get(group) ?? others);
    if (!account.hasLimits) return null;
    this.#groups.set(group, account);
    return account;
  }

  #reviewAll(wallMs: number): void {
    this.#hour = spanStart("hour", wallMs);
    for (const group of this.#groups.keys()) this.#review(group, wallMs);
  }

  #review(group: string | null, wallMs: number): void {
    if (group === null) return;
    const closure = this.#account(group)?.closure(wallMs) ?? null;
    if (closure === null) this.#closed.delete(group);
    else this.#closed.set(group, closure);
  }
}

function unused(): Recorded {
  const nothing = (): Spend => ({ tokens: 0, nanoUsd: 0 });
  return { run: nothing(), hour: nothing(), day: nothing() };
}

function add(to: Spend, { tokens, nanoUsd }: Spend): void {
  to.tokens += tokens;
  to.nanoUsd += nanoUsd;
}
