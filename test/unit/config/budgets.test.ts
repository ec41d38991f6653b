import { describe, expect, test } from "vitest";
import { parseBudgets } from "../../../src/config/budgets.ts";

describe("the config file's budgets", () => {
  test("are limits by group, money in nano-USD, and those of every other group", () => {
    const budgets = parseBudgets(
      JSON.stringify({
        red: { "max-cost": 0.5, "tokens-per-day": "10_000" },
        7: { "max-total-tokens": 5 },
        "*": { "cost-per-hour": "1" },
      }),
    );
    expect(budgets.groups).toEqual(
      new Map([
        ["7", { maxTotalTokens: 5 }],
        ["red", { maxCost: 500_000_000, tokensPerDay: 10_000 }],
      ]),
    );
    expect(budgets.others).toEqual({ costPerHour: 1_000_000_000 });
  });

  test("without a word on the others leave those alone", () => {
    expect(parseBudgets('{"red":{"max-cost":1}}').others).toEqual({});
  });

  test.each([
    ["[]", "expected a map of groups to limits"],
    ['{"red":5}', '"red": expected a map of limits'],
    ['{"red":{"max-costs":5}}', '"red": unknown limit "max-costs", did you mean "max-cost"?'],
    ['{"red":{"rpm":5}}', '"red": unknown limit "rpm"; known are max-cost,'],
    ['{"red":{"max-cost":0}}', '"red": max-cost: expected an amount in USD above 0, like 5 or 0.25, got 0'],
    [
      '{"red":{"tokens-per-hour":1.5}}',
      '"red": tokens-per-hour: expected a whole number, 1 or more, got 1.5',
    ],
    ['{"red":{"max-cost":null}}', "expected an amount"],
  ])("%s is refused", (json, message) => {
    expect(() => parseBudgets(json)).toThrow(message);
  });
});
