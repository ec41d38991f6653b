import fc from "fast-check";
import { expect, test } from "vitest";
import { Budget } from "../../../../src/control/budget/budget.ts";
import type { Spend, SpendReport } from "../../../../src/domain/spend.ts";
import { spendReport, spends } from "../../../helpers/spend-report.ts";

const HOUR_MS = 3_600_000;
const GROUPS = ["a", "b", "c"] as const;
const GROUP_MOST = 40;
const RUN_MOST = 100;
const HOUR_MOST = 60;

/** A call, and what it turns out to use: estimates may be far too low. */
const call = fc.record({
  group: fc.constantFrom(...GROUPS),
  estimate: fc.integer({ min: 0, max: 12 }),
  actual: fc.integer({ min: 1, max: 20 }),
});
const step = fc.oneof(
  { weight: 5, arbitrary: call.map((made) => ({ do: "take" as const, ...made })) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("settle" as const), pick: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("unsent" as const), pick: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("sync" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("later" as const) }) },
);

type Call = { group: string; estimate: number; actual: number };

const tokens = (count: number): Spend => ({ tokens: count, nanoUsd: 0 });
const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

/** What is sent and recorded, kept beside the machine. */
class Ledger {
  wallMs = 0;
  inFlight: Call[] = [];
  recorded: { group: string; actual: number; at: number }[] = [];
  readonly budget = new Budget(
    {
      run: { maxTotalTokens: RUN_MOST, tokensPerHour: HOUR_MOST },
      groups: new Map(),
      others: { maxTotalTokens: GROUP_MOST },
      costInDoubt: () => 0,
    },
    spendReport(),
  );

  used(isCounted: (entry: Ledger["recorded"][number]) => boolean): number {
    return sum(this.recorded.filter(isCounted).map(({ actual }) => actual));
  }

  estimated(group?: string): number {
    return sum(this.inFlight.filter((one) => !group || one.group === group).map(({ estimate }) => estimate));
  }

  get hour(): number {
    return Math.floor(this.wallMs / HOUR_MS);
  }

  usedInHour(): number {
    return this.used(({ at }) => Math.floor(at / HOUR_MS) === this.hour);
  }

  isOpen(group: string): boolean {
    const isRunOpen =
      this.used(() => true) + this.estimated() < RUN_MOST && this.usedInHour() + this.estimated() < HOUR_MOST;
    return isRunOpen && this.used((one) => one.group === group) + this.estimated(group) < GROUP_MOST;
  }

  take(group: string, estimate: number, actual: number): void {
    const isOpen = this.isOpen(group);
    expect(this.budget.take(group, tokens(estimate), this.wallMs)).toBe(isOpen);
    if (isOpen) this.inFlight.push({ group, estimate, actual });
  }

  settle(pick: number, isSent: boolean): void {
    const [ended] = this.inFlight.splice(pick % Math.max(1, this.inFlight.length), 1);
    if (ended === undefined) return;
    const { group, estimate, actual } = ended;
    if (isSent) this.recorded.push({ group, actual, at: this.wallMs });
    this.budget.settle(group, tokens(estimate), isSent ? tokens(actual) : null, this.wallMs);
  }

  report(): SpendReport {
    const byGroup = (isCounted: (entry: Ledger["recorded"][number]) => boolean) =>
      spends(
        Object.fromEntries(
          GROUPS.map((group) => [group, tokens(this.used((one) => one.group === group && isCounted(one)))]),
        ),
      );
    const ofHour = byGroup(({ at }) => Math.floor(at / HOUR_MS) === this.hour);
    return spendReport({ wallMs: this.wallMs, run: byGroup(() => true), hour: ofHour });
  }
}

test("whatever happens, a call may be sent just while what is used and estimated is below every limit", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const ledger = new Ledger();
      for (const one of steps) {
        if (one.do === "take") ledger.take(one.group, one.estimate, one.actual);
        else if (one.do === "later") ledger.wallMs += HOUR_MS / 2;
        else if (one.do === "sync") ledger.budget.sync(ledger.report());
        else ledger.settle(one.pick, one.do === "settle");
        const closed = ledger.budget.closedGroups(ledger.wallMs);
        for (const group of GROUPS) {
          const used = ledger.used((entry) => entry.group === group) + ledger.estimated(group);
          expect(closed.has(group)).toBe(used >= GROUP_MOST);
        }
      }
    }),
    { numRuns: 300, seed: 11 },
  );
});

test("a limit is never passed by more than what was in flight when it was reached", () => {
  fc.assert(
    fc.property(fc.array(call, { maxLength: 80 }), fc.integer({ min: 1, max: 8 }), (calls, slots) => {
      const ledger = new Ledger();
      ledger.wallMs = 1;
      let atMost = 0;
      const settleFirst = (): void => {
        const before = ledger.used(() => true);
        const inFlight = sum(ledger.inFlight.map(({ actual }) => actual));
        ledger.settle(0, true);
        if (before < HOUR_MOST && ledger.used(() => true) >= HOUR_MOST) atMost = before + inFlight;
      };
      for (const { group, estimate, actual } of calls) {
        ledger.take(group, estimate, actual);
        if (ledger.inFlight.length >= slots) settleFirst();
      }
      while (ledger.inFlight.length > 0) settleFirst();
      const used = ledger.used(() => true);
      expect(used < HOUR_MOST || used <= atMost).toBe(true);
    }),
    { numRuns: 300, seed: 12 },
  );
});
