import { type BudgetLimits, LIMIT_NAMES, LIMITS, type LimitName } from "../control/budget/limit.ts";
import { kebab } from "../domain/kebab.ts";
import { nearest } from "../domain/nearest.ts";
import { isObject } from "../domain/row.ts";
import { count, usd } from "./parse.ts";

/** The config file's budgets of groups. */
export interface GroupBudgets {
  /** By the group's text. */
  groups: ReadonlyMap<string, BudgetLimits>;
  /** For every group that isn't named. */
  others: BudgetLimits;
}

export const NO_BUDGETS: GroupBudgets = { groups: new Map(), others: {} };
const OTHERS = "*";
const NAMES = new Map(LIMIT_NAMES.map((name) => [kebab(name), name]));

/**
 * Reads the config file's `budgets`: a map of groups to limits, which are called as the run's own.
 * @throws Error naming the group, the limit and what was expected
 */
export function parseBudgets(json: string): GroupBudgets {
  const value: unknown = JSON.parse(json);
  if (!isObject(value)) throw new Error("expected a map of groups to limits");
  const groups = new Map(Object.entries(value).map(([group, limits]) => [group, parseLimits(group, limits)]));
  const others = groups.get(OTHERS) ?? {};
  groups.delete(OTHERS);
  return { groups, others };
}

function parseLimits(group: string, limits: unknown): BudgetLimits {
  const place = JSON.stringify(group);
  if (!isObject(limits)) throw new Error(`${place}: expected a map of limits`);
  return Object.fromEntries(
    Object.entries(limits).map(([key, value]) => {
      const name = limitName(place, key);
      return [name, parseLimit(`${place}: ${key}`, name, value)];
    }),
  );
}

function limitName(place: string, key: string): LimitName {
  const name = NAMES.get(key);
  if (name !== undefined) return name;
  const known = [...NAMES.keys()];
  const close = nearest(key, known);
  throw new Error(
    `${place}: unknown limit "${key}"${close ? `, did you mean "${close}"?` : `; known are ${known.join(", ")}`}`,
  );
}

function parseLimit(place: string, name: LimitName, value: unknown): number {
  const read = LIMITS[name].measure === "nanoUsd" ? usd : count();
  try {
    return read(String(value));
  } catch (error) {
    throw new Error(`${place}: ${(error as Error).message}, got ${JSON.stringify(value)}`);
  }
}
