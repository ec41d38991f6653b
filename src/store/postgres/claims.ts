import type { ClaimedJob } from "../../domain/job.ts";
import type { GroupSet, Queue } from "../../ports/store.ts";
import { type Portion, takeFitting } from "../fitting.ts";
import { runOf } from "../keys.ts";
import { alternating, type Rotation, Rotations, type Turn } from "../rotation.ts";
import type { TallySum } from "../tally-sum.ts";
import { pendingLanesOf } from "./lanes.ts";
import type { Owners } from "./owners.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";

/**
 * In words that no index knows. When a run is read in nothing of it is running, so that is what the planner goes by: it would
 * look through all that runs for each job that is named.
 */
export const IS_RUNNING = "jobs.state || '' = 'running'";

const IS_OPEN = statement<{ run: number }, object>(
  "SELECT FROM {runs} WHERE number = @run AND state = 'open'",
);
/**
 * Locks what may be claimed, in the order of the turns, and passes over what others have locked. The rows themselves are not
 * read yet: of more than is wanted, the rest is let go with the transaction. Their lengths are looked up one by one, since for
 * a join the planner, who can't know how few there are, would read through all inputs.
 */
const READY = statement<{ lanes: number[]; limits: number[]; wallMs: number }, ReadyJob>(`
  WITH turn AS MATERIALIZED (
    SELECT lane, most, place
    FROM unnest(@lanes::bigint[], @limits::integer[]) WITH ORDINALITY AS turn (lane, most, place)),
  due AS MATERIALIZED (
    SELECT job.id, job.input, turn.place, job.available_at
    FROM turn CROSS JOIN LATERAL (
      SELECT id, input, available_at FROM {jobs}
      WHERE lane = turn.lane AND state = 'pending' AND available_at > 0 AND available_at <= @wallMs
      ORDER BY available_at, id LIMIT turn.most FOR UPDATE SKIP LOCKED) AS job),
  fresh AS MATERIALIZED (
    SELECT job.id, job.input, turn.place, job.available_at
    FROM turn CROSS JOIN LATERAL (
      SELECT id, input, available_at FROM {jobs}
      WHERE lane = turn.lane AND state = 'pending' AND available_at <= 0
      ORDER BY available_at, id LIMIT greatest(turn.most - (SELECT count(*) FROM due WHERE due.place = turn.place), 0)
      FOR UPDATE SKIP LOCKED) AS job)
  SELECT ready.id, ready.place, (SELECT characters FROM {inputs} WHERE inputs.id = ready.input) AS characters
  FROM (SELECT * FROM due UNION ALL SELECT * FROM fresh) AS ready
  ORDER BY ready.place, ready.available_at = 0, ready.available_at, ready.id`);
const CLAIM = statement<{ owner: number; ids: number[] }, ReadyRow>(`
  WITH claimed AS (
    UPDATE {jobs} SET state = 'running', attempt = attempt + 1, owner = @owner WHERE id = ANY(@ids::bigint[])
    RETURNING id, input, attempt, failures, invalid, asks)
  SELECT claimed.id, source.key, claimed.attempt, claimed.failures, claimed.invalid, claimed.asks, source.row
  FROM claimed CROSS JOIN LATERAL (
    SELECT coalesce(key, 'row-' || (id & 4294967295)) AS key, row FROM {inputs} WHERE id = claimed.input OFFSET 0) AS source`);
const RELEASE = statement<{ ids: number[]; attempts: number[]; owners: (number | null)[] }, { id: number }>(`
  UPDATE {jobs} SET state = 'pending', attempt = jobs.attempt - 1, available_at = 0, owner = NULL
  FROM unnest(@ids::bigint[], @attempts::integer[], @owners::bigint[]) AS held (id, attempt, owner)
  WHERE jobs.id = held.id AND jobs.attempt = held.attempt AND jobs.owner = held.owner AND ${IS_RUNNING}
  RETURNING jobs.id`);

const IS_HELD = statement<{ id: number; attempt: number; owner: number | null }, object>(
  `SELECT FROM {jobs} WHERE id = @id AND attempt = @attempt AND owner = @owner AND ${IS_RUNNING}`,
);

interface ClaimRequest extends Portion {
  run: number;
  queue: Queue;
  /** Groups that are left out. */
  closed: GroupSet;
  wallMs: number;
}

interface ReadyJob {
  id: number;
  /** Of its lane among the turns, from 1. */
  place: number;
  characters: number;
}

type ReadyRow = Omit<ClaimedJob, "model" | "group">;

interface Served {
  turn: Turn;
  job: ReadyJob;
}

export interface HeldJob {
  job: Pick<ClaimedJob, "id" | "attempt">;
  owner: number | null;
}

/** Whether a claim is still that owner's. */
export async function isHeld(
  session: Session,
  { id, attempt }: ClaimedJob,
  owner: number | null,
): Promise<boolean> {
  return (await session.first(IS_HELD, { id, attempt, owner })) !== undefined;
}

/** Taking jobs to send, and giving back those not sent. Every method is part of a write. */
export class Claims {
  readonly #owners: Owners;
  readonly #tallies: TallySum;
  readonly #rotations = new Rotations();

  constructor(owners: Owners, tallies: TallySum) {
    this.#owners = owners;
    this.#tallies = tallies;
  }

  /** Gives fewer than are ready if lanes run out within their turn: the next claim finds what is left. */
  async claim(session: Session, request: ClaimRequest): Promise<ClaimedJob[]> {
    const { run, queue, wallMs } = request;
    if ((await session.first(IS_OPEN, { run })) === undefined) return [];
    const owner = await this.#owners.living(session, run);
    const rotation = this.#rotations.of(run, queue);
    const wasStale = rotation.isStale(wallMs);
    if (wasStale) await refresh(session, rotation, request);
    const jobs = await this.#take(session, request, owner, rotation);
    if (jobs.length > 0 || wasStale) return jobs;
    await refresh(session, rotation, request);
    return this.#take(session, request, owner, rotation);
  }

  /** Gives claims back, and their attempt numbers too, as no call was made under them. */
  async release(session: Session, held: readonly HeldJob[]): Promise<void> {
    const released = await session.all(RELEASE, {
      ids: held.map(({ job }) => job.id),
      attempts: held.map(({ job }) => job.attempt),
      owners: held.map(({ owner }) => owner),
    });
    for (const { id } of released) this.#count(runOf(id), -1);
  }

  async #take(
    session: Session,
    request: ClaimRequest,
    owner: number,
    rotation: Rotation,
  ): Promise<ClaimedJob[]> {
    const turns = rotation.next(request.limit, request.closed);
    if (turns.length === 0) return [];
    const limits = turns.map((_, at) => mostOf(request.limit, turns.length, at));
    const lanes = turns.map(({ lane }) => lane);
    const ready = await session.all(READY, { lanes, limits, wallMs: request.wallMs });
    const offered = serve(turns, ready, request.limit, rotation);
    const served = takeFitting(offered, request, ({ job }) => job.characters);
    for (const { turn } of served) rotation.served(turn);
    if (served.length === 0) return [];
    const rows = new Map((await this.#claim(session, owner, served)).map((row) => [row.id, row]));
    this.#count(request.run, rows.size);
    return alternating(served).map(({ turn: { group }, job }) => {
      return { ...rows.get(job.id)!, model: request.queue.model, group };
    });
  }

  #claim(session: Session, owner: number, served: readonly Served[]): Promise<ReadyRow[]> {
    return session.all(CLAIM, { owner, ids: served.map(({ job }) => job.id) });
  }

  #count(run: number, claimed: number): void {
    this.#tallies.add(run, "jobs.pending", -claimed);
    this.#tallies.add(run, "jobs.running", claimed);
  }
}

async function refresh(
  session: Session,
  rotation: Rotation,
  { run, queue, wallMs }: ClaimRequest,
): Promise<void> {
  rotation.refresh(await pendingLanesOf(session, run, queue), wallMs);
}

/** What is looked at of one lane: its share and what those before it may leave, but not much of a lane among many. */
function mostOf(limit: number, turns: number, at: number): number {
  const share = Math.ceil(limit / turns);
  return Math.min(limit, share * Math.min(at + 1, 4));
}

/** Takes an equal share from each lane whose turn it is; what one doesn't use goes to those after it. */
function* serve(
  turns: readonly Turn[],
  ready: readonly ReadyJob[],
  limit: number,
  rotation: Rotation,
): Generator<Served> {
  const share = Math.ceil(limit / turns.length);
  let from = 0;
  let left = 0;
  for (const [at, turn] of turns.entries()) {
    let end = from;
    while (end < ready.length && ready[end]!.place === at + 1) end += 1;
    left += share;
    for (const job of ready.slice(from, Math.min(end, from + left))) {
      yield { turn, job };
      left -= 1;
    }
    if (left > 0 && end - from < mostOf(limit, turns.length, at)) rotation.exhausted(turn);
    from = end;
  }
}
