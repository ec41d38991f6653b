/** How much of what is found is wanted. */
export interface Portion {
  /** Rows at most. */
  limit: number;
  /** What their texts may come to, unless the first alone is longer. Default: any length. */
  maxCharacters?: number;
}

/**
 * Takes rows from the front until the portion is full. What comes after is not even read, so rows of many
 * megabytes never stand in memory by the thousand.
 */
export function takeFitting<Row>(
  rows: Iterable<Row>,
  { limit, maxCharacters = Number.POSITIVE_INFINITY }: Portion,
  charactersOf: (row: Row) => number,
): Row[] {
  const taken: Row[] = [];
  let left = maxCharacters;
  if (limit <= 0) return taken;
  for (const row of rows) {
    left -= charactersOf(row);
    if (left < 0 && taken.length > 0) break;
    taken.push(row);
    if (taken.length === limit) break;
  }
  return taken;
}
