import { JOB_STATES } from "../domain/job.ts";
import type { Spend } from "../domain/spend.ts";

export interface AttemptCounts {
  total: number;
  succeeded: number;
  throttled: number;
  inDoubt: number;
  unfit: number;
}

/** What the tables of a run come to. */
export interface CountedTables {
  /** By state, and `twins`. */
  jobs: Readonly<Record<string, number>>;
  failures: readonly { code: string; count: number }[];
  attempts: AttemptCounts;
  results: { own: number; takenOver: number };
  spend: Spend;
}

/** One line for each tally that tells something else than the tables. */
export function differingTallies(told: ReadonlyMap<string, number>, tables: CountedTables): string[] {
  const counted = count(told, tables);
  const failures = [...told.keys()].filter((name) => name.startsWith("failure."));
  return [...new Set([...counted.keys(), ...failures])]
    .map((name) => ({ name, told: told.get(name) ?? 0, counted: counted.get(name) ?? 0 }))
    .filter((tally) => tally.told !== tally.counted)
    .map((tally) => `${tally.name} is ${tally.told}, and the tables have ${tally.counted}`);
}

function count(told: ReadonlyMap<string, number>, tables: CountedTables): Map<string, number> {
  const { jobs, failures, attempts, results, spend } = tables;
  // Of a dead process's claims all are logged, but only as many are tallied as it had slots.
  const inDoubt = Math.min(told.get("attempts.in_doubt") ?? 0, attempts.inDoubt);
  return new Map([
    ...JOB_STATES.map((state) => [`jobs.${state}`, jobs[state]!] as const),
    ...failures.map(({ code, count }) => [`failure.${code}`, count] as const),
    ["attempts.total", attempts.total - attempts.inDoubt + inDoubt + results.own],
    ["attempts.succeeded", attempts.succeeded + results.own],
    ["attempts.throttled", attempts.throttled],
    ["attempts.in_doubt", inDoubt],
    ["answers.unfit", attempts.unfit],
    ["shared.dedupe", jobs.twins!],
    ["shared.reuse", results.takenOver],
    ["tokens", spend.tokens],
    ["nano_usd", spend.nanoUsd],
  ]);
}
