import type { InDoubt } from "../../domain/spend.ts";
import type { Database } from "./driver.ts";

const INSERT = `
  INSERT INTO doubts (run, grp, model, hour, calls, input_tokens, output_tokens)
  VALUES (@run, @group, @model, @hour, @calls, @inputTokens, @outputTokens)`;

/** A claim of a process that died. */
export interface DoubtfulClaim {
  model: string | null;
  group: string | null;
  /** Null for a row that was read in before charges were estimated. */
  inputTokens: number | null;
  outputTokens: number | null;
}

interface DeadProcess {
  run: number;
  /** Hours since 1970. */
  hour: number;
  claims: readonly DoubtfulClaim[];
  /** How many of the claims can have been sent at most. */
  calls: number;
}

/** What calls of dead processes may have used. */
export class Doubts {
  readonly #insert;

  constructor(db: Database) {
    this.#insert = db.prepare<[InDoubt & { run: number; group: string | null; hour: number }]>(INSERT);
  }

  /**
   * Part of the write that takes the claims back.
   * @returns what was noted of all groups together
   */
  note({ run, hour, claims, calls }: DeadProcess): InDoubt[] {
    const ofAll = atMost(claims, calls);
    for (const doubt of ofAll) this.#insert.run({ run, group: null, hour, ...doubt });
    for (const [group, own] of groupBy(claims, (claim) => claim.group)) {
      if (group === null) continue;
      for (const doubt of atMost(own, calls)) this.#insert.run({ run, group, hour, ...doubt });
    }
    return ofAll;
  }
}

/** What any `calls` of the claims were charged at most, by model: the largest estimates, of input and output each. */
function atMost(claims: readonly DoubtfulClaim[], calls: number): InDoubt[] {
  return [...groupBy(claims, ({ model }) => model)].map(([model, own]) => ({
    model,
    calls: Math.min(own.length, calls),
    inputTokens: largest(
      own.map(({ inputTokens }) => inputTokens ?? 0),
      calls,
    ),
    outputTokens: largest(
      own.map(({ outputTokens }) => outputTokens ?? 0),
      calls,
    ),
  }));
}

function largest(estimates: readonly number[], calls: number): number {
  const descending = [...estimates].sort((a, b) => b - a);
  return descending.slice(0, calls).reduce((sum, estimate) => sum + estimate, 0);
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
