import type { InDoubt, Unrescued } from "../domain/spend.ts";

/** A claim of a process that died. */
export interface DoubtfulClaim {
  model: string | null;
  group: string | null;
  /** Null for a row that was read in before charges were estimated. */
  inputTokens: number | null;
  outputTokens: number | null;
}

export type GroupDoubt = InDoubt & { group: string | null };

/** What the calls of a process that died may have used, at most: of all groups together, with `group` null, then of each. */
export function doubtsOf(claims: readonly DoubtfulClaim[], calls: number): GroupDoubt[] {
  const doubts: GroupDoubt[] = atMost(claims, calls).map((doubt) => ({ group: null, ...doubt }));
  for (const [group, own] of groupBy(claims, (claim) => claim.group)) {
    if (group !== null) doubts.push(...atMost(own, calls).map((doubt) => ({ group, ...doubt })));
  }
  return doubts;
}

/** How many of a process's claims can have been sent: it held more of them than slots, and only what had a slot was. */
export function callsAtMost(claims: readonly DoubtfulClaim[], concurrency: number | null): number {
  return Math.min(claims.length, concurrency ?? claims.length);
}

/** Of all processes that died together. */
export function unrescuedOf(
  dead: readonly { claims: readonly DoubtfulClaim[]; concurrency: number | null }[],
): Unrescued {
  const ends = dead.map(({ claims, concurrency }) => ({ claims, calls: callsAtMost(claims, concurrency) }));
  return {
    calls: ends.reduce((sum, { calls }) => sum + calls, 0),
    groups: [...new Set(ends.flatMap(({ claims }) => claims.map(({ group }) => group)))],
    inDoubt: ends.flatMap(({ claims, calls }) => doubtsOf(claims, calls)),
  };
}

/** Of all groups together. */
export function ofAllGroups(doubts: readonly GroupDoubt[]): InDoubt[] {
  return doubts.filter(({ group }) => group === null).map(({ group: _, ...doubt }) => doubt);
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
