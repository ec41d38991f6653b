import type { Queue } from "../../ports/store.ts";
import type { PendingLane } from "../rotation.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";

/** A queue's jobs of one group; null stands for rows of none. */
export type LaneKey = Queue & { group: string | null };

interface LaneKeys {
  run: number;
  models: (string | null)[];
  stages: number[];
  groups: (string | null)[];
}

const ADD = statement<LaneKeys>(`
  INSERT INTO {lanes} (run, model, stage, grp)
  SELECT @run::bigint, model, stage, grp
  FROM unnest(@models::text[], @stages::integer[], @groups::text[]) WITH ORDINALITY AS wanted (model, stage, grp, place)
  ORDER BY place
  ON CONFLICT DO NOTHING`);
const FIND = statement<LaneKeys, { place: number; id: number }>(`
  SELECT wanted.place, lanes.id
  FROM unnest(@models::text[], @stages::integer[], @groups::text[]) WITH ORDINALITY AS wanted (model, stage, grp, place)
    JOIN {lanes} ON lanes.run = @run AND lanes.stage = wanted.stage
      AND coalesce(lanes.model, '') = coalesce(wanted.model, '') AND (lanes.model IS NULL) = (wanted.model IS NULL)
      AND coalesce(lanes.grp, '') = coalesce(wanted.grp, '') AND (lanes.grp IS NULL) = (wanted.grp IS NULL)`);
const MODELS = statement<{ run: number }, { model: string | null }>(
  "SELECT model FROM {lanes} WHERE run = @run AND stage = 0 GROUP BY model ORDER BY min(id)",
);

/** Part of a write. @returns their ids, in the order of the keys */
export async function findOrCreateLanes(
  session: Session,
  run: number,
  keys: readonly LaneKey[],
): Promise<number[]> {
  const wanted = {
    run,
    models: keys.map(({ model }) => model),
    stages: keys.map(({ stage }) => stage),
    groups: keys.map(({ group }) => group),
  };
  await session.run(ADD, wanted);
  const ids: number[] = [];
  for (const { place, id } of await session.all(FIND, wanted)) ids[place - 1] = id;
  return ids;
}

/** The models that rows of a run name themselves, in the order of their first row. */
export async function modelsOf(session: Session, run: number): Promise<(string | null)[]> {
  return (await session.all(MODELS, { run })).map(({ model }) => model);
}

const NEXT = (isAfter: string, pending: string): string =>
  `SELECT lane FROM {jobs} WHERE ${isAfter} AND ${pending} ORDER BY lane LIMIT 1`;
/**
 * Goes from one lane that has such jobs to the next by index: lanes whose jobs are done cost nothing.
 *
 * @param pending SQL of the jobs to look for, in the words of a partial index
 * @param dueAt SQL of when the first of a lane's jobs is due
 */
const pendingLanes = (pending: string, dueAt: string): string => `
  (WITH RECURSIVE
    queue AS MATERIALIZED (
      SELECT id, grp FROM {lanes} WHERE run = @run AND model IS NOT DISTINCT FROM @model::text AND stage = @stage),
    bounds AS MATERIALIZED (SELECT min(id) AS first, max(id) AS last FROM queue),
    found (lane) AS (
      SELECT (${NEXT("lane >= bounds.first", pending)}) FROM bounds
      UNION ALL
      SELECT (${NEXT("lane > found.lane", pending)}) FROM found, bounds WHERE found.lane < bounds.last
    )
  SELECT queue.id, queue.grp AS "group", ${dueAt} AS "dueAt" FROM found JOIN queue ON queue.id = found.lane
  ORDER BY queue.id)`;
const FRESH = pendingLanes("state = 'pending' AND available_at <= 0", "0::bigint");
const DELAYED = pendingLanes(
  "state = 'pending' AND available_at > 0",
  `(SELECT available_at FROM {jobs} WHERE lane = queue.id AND state = 'pending' AND available_at > 0
    ORDER BY available_at LIMIT 1)`,
);
const PENDING = statement<Queue & { run: number }, PendingLane>(`${FRESH} UNION ALL ${DELAYED}`);

/** The lanes of a queue that have jobs to be sent: first those that have some at once, then those with some at a time. */
export function pendingLanesOf(session: Session, run: number, queue: Queue): Promise<PendingLane[]> {
  return session.all(PENDING, { run, ...queue });
}
