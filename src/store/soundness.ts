import { type Check, failed, passed } from "../domain/check.ts";
import type { INVARIANTS } from "./invariants.ts";

/** How much of what is wrong is told. */
export const TOLD_AT_MOST = 3;

/** What it means that none of the invariants of a check is broken. */
export const SOUND: Readonly<Record<keyof typeof INVARIANTS | "tallies" | "ids", string>> = {
  tallies: "counts agree with the tables",
  orphans: "rows, jobs, results and attempts belong together",
  states: "every succeeded job has exactly one result, and twins are where their leaders are",
  owners: "every running job is in the hands of a living process",
  runs: "no run has ended with jobs left",
  ids: "every row's id is its own",
};

/** How often something that must never be was found, and the key of one such job. */
export interface Broken {
  count: number;
  example: number | null;
}

/** @param found what is wrong, a line each */
export function checkOf(name: string, found: readonly string[], sound: string, hint: string): Check {
  if (found.length === 0) return passed(name, sound);
  const more = found.length - TOLD_AT_MOST;
  const told = found.slice(0, TOLD_AT_MOST).join("; ");
  return failed(name, `${told}${more > 0 ? `; and ${more} more` : ""}`, hint);
}

/** @param known the row of the example, where it has one */
export function violation(
  broken: string,
  { count, example }: Broken,
  known: { run: string; key: string } | undefined,
): string {
  const place = known ? `${known.run} ${JSON.stringify(known.key)}` : `number ${example}`;
  return `${count} ${broken}, e.g. ${place}`;
}
