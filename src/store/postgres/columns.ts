import type { OwnedEnding } from "../stored-ending.ts";

/** Rows as columns, as `unnest` takes them. There is one row at least. */
export function columnsOf(rows: readonly object[]): Record<string, unknown[]> {
  const names = Object.keys(rows[0]!);
  return Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name as never])]));
}

/** In turns, so that no job is twice in one; with the places they had among all. */
export function withoutRepeats(all: readonly OwnedEnding[]): [OwnedEnding[], number[]][] {
  const rounds: [OwnedEnding[], number[]][] = [];
  const seen = new Map<number, number>();
  for (const [place, one] of all.entries()) {
    const { id } = one.ending.job;
    const round = seen.get(id) ?? 0;
    seen.set(id, round + 1);
    rounds[round] ??= [[], []];
    rounds[round]![0].push(one);
    rounds[round]![1].push(place);
  }
  return rounds;
}
