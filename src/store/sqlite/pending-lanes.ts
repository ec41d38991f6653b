import type { Queue } from "../../ports/store.ts";
import type { PendingLane } from "../rotation.ts";
import type { Database } from "./driver.ts";

/**
 * Goes from one lane that has such jobs to the next by index: lanes whose jobs are done cost nothing.
 *
 * @param pending SQL of the jobs to look for, in the words of a partial index
 * @param dueAt SQL of when the first of a lane's jobs is due
 */
const pendingLanes = (pending: string, dueAt: string): string => {
  const next = (isAfter: string): string =>
    `SELECT lane FROM jobs WHERE ${isAfter} AND ${pending} ORDER BY lane LIMIT 1`;
  return `
  WITH RECURSIVE
    queue AS MATERIALIZED (SELECT id, grp FROM lanes WHERE run = @run AND model IS @model AND stage = @stage),
    bounds AS MATERIALIZED (SELECT min(id) AS first, max(id) AS last FROM queue),
    found (lane) AS (
      SELECT (${next("lane >= bounds.first")}) FROM bounds
      UNION ALL
      SELECT (${next("lane > found.lane")}) FROM found, bounds WHERE found.lane < bounds.last
    )
  SELECT lanes.id, lanes.grp AS "group", ${dueAt} AS dueAt
  FROM found CROSS JOIN lanes ON lanes.id = found.lane
  WHERE lanes.run = @run AND lanes.model IS @model AND lanes.stage = @stage`;
};
const FRESH = pendingLanes("state = 'pending' AND available_at = 0", "0");
const DELAYED = pendingLanes(
  "state = 'pending' AND available_at > 0",
  "(SELECT min(available_at) FROM jobs WHERE lane = lanes.id AND state = 'pending' AND available_at > 0)",
);

type LaneQuery = Queue & { run: number };

/** Finds the lanes of a queue that have jobs to be sent. */
export class PendingLanes {
  readonly #fresh;
  readonly #delayed;

  constructor(db: Database) {
    this.#fresh = db.prepare<[LaneQuery], PendingLane>(FRESH);
    this.#delayed = db.prepare<[LaneQuery], PendingLane>(DELAYED);
  }

  /** First those with jobs that were never sent, or are to be sent again at once; then those to be sent again at a time. */
  *pending(run: number, queue: Queue): Generator<PendingLane> {
    yield* this.#fresh.iterate({ run, ...queue });
    yield* this.#delayed.iterate({ run, ...queue });
  }
}
