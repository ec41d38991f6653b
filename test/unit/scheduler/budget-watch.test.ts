import { describe, expect, test } from "vitest";
import type { SpendReport } from "../../../src/domain/spend.ts";
import { openBudgetWatch } from "../../../src/scheduler/budget-watch.ts";
import { ManualClock } from "../../helpers/manual-clock.ts";
import { spendReport, spends } from "../../helpers/spend-report.ts";

const MOST = 100;
const NO_FIGURES = {
  attempts: { total: 0, succeeded: 0, throttled: 0, retried: 0, in_doubt: 0 },
  tokens: { input: 0, cached_input: 0, output: 0 },
  cost: { nano_usd: 0, unknown: 0 },
};

/** A watch on a store whose answers are given by hand, in any order. */
async function watched() {
  const asked: ((report: SpendReport) => void)[] = [];
  const store = {
    spend: () => new Promise<SpendReport>((resolve) => asked.push(resolve)),
    othersVersion: async () => "0",
    failGroup: async () => 0,
  };
  const clock = new ManualClock();
  const limits = { groups: new Map(), others: {}, overBudget: "wait", mostCost: () => null } as const;
  const budgets = { run: { maxTotalTokens: MOST }, ...limits };
  const opening = openBudgetWatch({ store, run: "run", budgets, clock, observe: () => {} }, NO_FIGURES);
  asked.shift()!(spendReport());
  return { watch: await opening, asked };
}

const used = (tokens: number) => spendReport({ run: spends({ "": { tokens } }) });

describe("what is used, by a server that answers out of turn", () => {
  test("is what it told to the latest question", async () => {
    const { watch, asked } = await watched();
    const kept = [watch.keep(), watch.keep()];
    asked[1]!(used(MOST));
    await kept[1];
    asked[0]!(used(0));
    await kept[0];
    expect(watch.isOpen).toBe(false);
  });

  test("is what it told to an earlier one until then", async () => {
    const { watch, asked } = await watched();
    const kept = [watch.keep(), watch.keep()];
    asked[0]!(used(MOST));
    await kept[0];
    expect(watch.isOpen).toBe(false);
    asked[1]!(used(0));
    await kept[1];
    expect(watch.isOpen).toBe(true);
  });
});
