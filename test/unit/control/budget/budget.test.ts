import { describe, expect, test } from "vitest";
import { Budget, type BudgetSettings } from "../../../../src/control/budget/budget.ts";
import type { SpendReport } from "../../../../src/domain/spend.ts";
import { spendReport, spends } from "../../../helpers/spend-report.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Half an hour into the first day. */
const NOW = HOUR_MS / 2;

function budgetOf(wanted: Partial<BudgetSettings>, report: Partial<SpendReport> = {}): Budget {
  const settings = { run: {}, groups: new Map(), others: {}, costInDoubt: () => 0, ...wanted };
  return new Budget(settings, spendReport({ wallMs: NOW, ...report }));
}

const usd = (nanoUsd: number) => ({ tokens: 0, nanoUsd });
const tokens = (count: number) => ({ tokens: count, nanoUsd: 0 });

describe("a budget of the run", () => {
  test("lets everything through where there is no limit", () => {
    const budget = budgetOf({});
    expect(budget.take(null, usd(1e12), NOW)).toBe(true);
    expect(budget.take("a", tokens(1e9), NOW)).toBe(true);
    expect(budget.closure(NOW)).toBeNull();
  });

  test("closes once calls in flight may use it up, and opens when they have used less", () => {
    const budget = budgetOf({ run: { maxCost: 100 } });
    expect(budget.take(null, usd(60), NOW)).toBe(true);
    expect(budget.take(null, usd(60), NOW)).toBe(true);
    expect(budget.take(null, usd(1), NOW)).toBe(false);
    const closure = {
      limit: "maxCost",
      used: 120,
      most: 100,
      until: null,
      isPassing: true,
      callsInFlight: 2,
    };
    expect(budget.closure(NOW)).toEqual(closure);
    budget.settle(null, usd(60), usd(10), NOW);
    expect(budget.closure(NOW)).toBeNull();
  });

  test("closes for good once it is used up by what is on record", () => {
    const budget = budgetOf({ run: { maxCost: 100 } }, { run: spends({ "": usd(90) }) });
    expect(budget.take(null, usd(10), NOW)).toBe(true);
    budget.settle(null, usd(10), usd(10), NOW);
    const closure = {
      limit: "maxCost",
      used: 100,
      most: 100,
      until: null,
      isPassing: false,
      callsInFlight: 0,
    };
    expect(budget.closure(NOW)).toEqual(closure);
    expect(budget.opensAt(NOW)).toBeNull();
  });

  test("gets back what a call was to use that was not sent", () => {
    const budget = budgetOf({ run: { maxTotalTokens: 100 } });
    budget.take(null, tokens(100), NOW);
    budget.settle(null, tokens(100), null, NOW);
    expect(budget.take(null, tokens(99), NOW)).toBe(true);
  });

  test("of an hour and of a day opens with the next one, and counts what other runs have used", () => {
    const limits = { costPerHour: 100, costPerDay: 150 };
    const budget = budgetOf({ run: limits }, { hour: spends({ x: usd(99) }), day: spends({ x: usd(99) }) });
    expect(budget.take(null, usd(1), NOW)).toBe(true);
    budget.settle(null, usd(1), usd(1), NOW);
    expect(budget.closure(NOW)).toMatchObject({ limit: "costPerHour", until: HOUR_MS });
    expect(budget.opensAt(NOW)).toBe(HOUR_MS);
    expect(budget.closure(HOUR_MS)).toBeNull();
    expect(budget.take(null, usd(50), HOUR_MS)).toBe(true);
    budget.settle(null, usd(50), usd(50), HOUR_MS);
    expect(budget.closure(HOUR_MS)).toMatchObject({ limit: "costPerDay", used: 150, until: DAY_MS });
    expect(budget.closure(DAY_MS)).toBeNull();
  });

  test("a call counts for the hour in which its end is recorded", () => {
    const budget = budgetOf({ run: { tokensPerHour: 10 } });
    budget.take(null, tokens(1), NOW);
    budget.settle(null, tokens(1), tokens(10), HOUR_MS);
    expect(budget.closure(HOUR_MS)).toMatchObject({ used: 10, until: 2 * HOUR_MS });
  });

  test("tells the limit that lasts longest", () => {
    const limits = { tokensPerHour: 10, tokensPerDay: 10, maxTotalTokens: 10 };
    const ofAll = spends({ "": tokens(10) });
    expect(budgetOf({ run: limits }, { hour: ofAll, day: ofAll }).closure(NOW)?.limit).toBe("tokensPerDay");
    const used = { run: ofAll, hour: ofAll, day: ofAll };
    expect(budgetOf({ run: limits }, used).closure(NOW)?.limit).toBe("maxTotalTokens");
  });

  test("counts calls in doubt at their most", () => {
    const doubt = { model: "m", calls: 2, inputTokens: 30, outputTokens: 50 };
    const report = { run: spends({}, { "": doubt }) };
    const byTokens = budgetOf({ run: { maxTotalTokens: 80 } }, report);
    expect(byTokens.closure(NOW)).toMatchObject({ used: 80, isPassing: false });
    const costInDoubt = ({ outputTokens }: { outputTokens: number }) => outputTokens * 2;
    const byCost = budgetOf({ run: { maxCost: 101 }, costInDoubt }, report);
    expect(byCost.closure(NOW)).toBeNull();
    byCost.take(null, usd(1), NOW);
    expect(byCost.closure(NOW)).toMatchObject({ used: 101 });
  });

  test("takes over what other processes have used, and keeps what is in flight here", () => {
    const budget = budgetOf({ run: { maxTotalTokens: 100 } });
    budget.take(null, tokens(20), NOW);
    budget.sync(spendReport({ wallMs: NOW, run: spends({ "": tokens(70) }) }));
    expect(budget.closure(NOW)).toBeNull();
    budget.sync(spendReport({ wallMs: NOW, run: spends({ "": tokens(80) }) }));
    expect(budget.closure(NOW)).toMatchObject({ used: 100, isPassing: true });
  });
});

describe("budgets of groups", () => {
  const groups = new Map([["big", { maxTotalTokens: 100 }]]);
  const others = { maxTotalTokens: 10 };

  test("close one group and let the others go on", () => {
    const budget = budgetOf({ groups, others }, { run: spends({ a: tokens(10), big: tokens(99) }) });
    expect(budget.take("a", tokens(1), NOW)).toBe(false);
    expect(budget.take("b", tokens(1), NOW)).toBe(true);
    expect(budget.take("big", tokens(1), NOW)).toBe(true);
    expect(budget.take("big", tokens(1), NOW)).toBe(false);
    const closed = [...budget.closedGroups(NOW)].map(([group, { isPassing }]) => [group, isPassing]);
    expect(closed).toEqual([
      ["a", false],
      ["big", true],
    ]);
    expect(budget.closure(NOW)).toBeNull();
  });

  test("don't hold for rows of no group", () => {
    const budget = budgetOf({ others }, { run: spends({ "": tokens(1_000) }) });
    expect(budget.take(null, tokens(1_000), NOW)).toBe(true);
    expect(budget.take(null, tokens(1_000), NOW)).toBe(true);
  });

  test("a group's calls count for the run as well", () => {
    const budget = budgetOf({ others: { maxCost: 1_000 }, run: { maxCost: 10 } });
    expect(budget.take("a", usd(10), NOW)).toBe(true);
    expect(budget.take("b", usd(1), NOW)).toBe(false);
    expect(budget.closedGroups(NOW).size).toBe(0);
    budget.settle("a", usd(10), usd(9), NOW);
    expect(budget.take("b", usd(1), NOW)).toBe(true);
  });

  test("of an hour open with the next one", () => {
    const spent = spends({ a: tokens(5), b: tokens(5) });
    const limits = { groups: new Map([["a", { tokensPerDay: 5 }]]), others: { tokensPerHour: 5 } };
    const budget = budgetOf(limits, { hour: spent, day: spent });
    expect([...budget.closedGroups(NOW).keys()]).toEqual(["a", "b"]);
    expect(budget.opensAt(NOW)).toBe(HOUR_MS);
    expect([...budget.closedGroups(HOUR_MS).keys()]).toEqual(["a"]);
    expect(budget.opensAt(HOUR_MS)).toBe(DAY_MS);
    expect(budget.closedGroups(DAY_MS).size).toBe(0);
  });

  test("count the group's own calls in doubt, and the run those of all together", () => {
    const doubt = (calls: number) => ({ model: null, calls, inputTokens: calls, outputTokens: 0 });
    const inDoubt = spends({}, { "": doubt(4), a: doubt(4), b: doubt(3) });
    const budget = budgetOf({ run: { maxTotalTokens: 5 }, others: { maxTotalTokens: 4 } }, { run: inDoubt });
    expect([...budget.closedGroups(NOW).keys()]).toEqual(["a"]);
    expect(budget.closure(NOW)).toBeNull();
  });
});
