import { FIRST_JOB, type Invariant, rows } from "../invariants.ts";

/** What only SQLite can be asked. */
export const READABLE_HISTORY: Invariant = {
  broken: "spans of history that can't be read",
  sql: rows("history", "(run << 32) + 1", "NOT json_valid(span)"),
};

/** Ids used twice in a run: given twice, or given and also that of a row without one. In the order of an index. */
export const SAME_IDS = `
  SELECT count(*) AS count, min(${FIRST_JOB}) AS example FROM (
    SELECT max(id) AS id FROM inputs WHERE key IS NOT NULL GROUP BY run, key HAVING count(*) > 1
    UNION ALL
    SELECT given.id FROM inputs AS given
      JOIN inputs AS plain ON plain.id = (given.run << 32) + CAST(substr(given.key, 5) AS INTEGER)
    WHERE given.key GLOB 'row-[1-9]*' AND plain.key IS NULL AND given.key = 'row-' || (plain.id & 4294967295)
  ) AS inputs`;
