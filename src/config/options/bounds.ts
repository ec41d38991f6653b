import { type GroupBudgets, NO_BUDGETS, parseBudgets } from "../budgets.ts";
import { option, optional, structure } from "../option.ts";
import { count, duration, failures, oneOf, usd } from "../parse.ts";

/** When to stop before the end, or to wait. */
export const BOUNDS_OPTIONS = {
  maxCost: optional(
    { group: "bounds", flags: "--max-cost <usd>", description: "stop when the run has cost so much" },
    usd,
  ),
  costPerHour: optional(
    {
      group: "bounds",
      flags: "--cost-per-hour <usd>",
      description: "wait for the next hour when all runs of the database have cost so much in this one",
    },
    usd,
  ),
  costPerDay: optional(
    {
      group: "bounds",
      flags: "--cost-per-day <usd>",
      description: "wait for the next UTC day when all runs of the database have cost so much in this one",
    },
    usd,
  ),
  maxTotalTokens: optional(
    {
      group: "bounds",
      flags: "--max-total-tokens <n>",
      description: "stop when the run has used so many tokens",
    },
    count(),
  ),
  tokensPerHour: optional(
    {
      group: "bounds",
      flags: "--tokens-per-hour <n>",
      description: "as --cost-per-hour, by tokens, input and output",
    },
    count(),
  ),
  tokensPerDay: optional(
    {
      group: "bounds",
      flags: "--tokens-per-day <n>",
      description: "as --cost-per-day, by tokens, input and output",
    },
    count(),
  ),
  budgets: structure<GroupBudgets>(
    {
      group: "bounds",
      flags: "budgets",
      description:
        'config file only: groups of --budget-by, "*" for all others, to budgets of their own (max-cost, tokens-per-day, …)',
    },
    parseBudgets,
    NO_BUDGETS,
  ),
  overBudget: option(
    {
      group: "bounds",
      flags: "--over-budget <wait|fail>",
      description: "what becomes of the rows of a group that is over its budget; the other groups go on",
    },
    oneOf("wait", "fail"),
    "wait",
  ),
  maxRequestTokens: optional(
    { group: "bounds", flags: "--max-request-tokens <n>", description: "refuse rows estimated above this" },
    count(),
  ),
  deadline: optional(
    { group: "bounds", flags: "--deadline <dur>", description: "stop after so long" },
    duration,
  ),
  maxFailures: optional(
    {
      group: "bounds",
      flags: "--max-failures <n|p%>",
      description: "stop when more rows than this have failed",
    },
    failures,
  ),
};
