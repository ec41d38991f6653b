import { type Check, failed, passed } from "../../domain/check.ts";

/**
 * Whether this Node is one that llm-batch is made for.
 * @param version e.g. `20.19.0`
 * @param range as in package.json: `>=` and `<`, joined by spaces and `||`
 */
export function checkNode(version: string, range: string): Check {
  const fits = range.split("||").some((part) => part.trim().split(/\s+/).every(holds(version)));
  if (fits) return passed("node", `Node ${version}`);
  return failed("node", `Node ${version} is not supported`, `install Node ${range}`);
}

function holds(version: string): (bound: string) => boolean {
  return (bound) => {
    const isLess = compare(version, bound.replace(/^\D+/, "")) < 0;
    return bound.startsWith("<") ? isLess : !isLess;
  };
}

function compare(a: string, b: string): number {
  const [left, right] = [a.split("."), b.split(".")];
  for (const [at, part] of right.entries()) {
    const difference = Number.parseInt(left[at] ?? "0", 10) - Number(part);
    if (difference !== 0) return difference;
  }
  return 0;
}
