import type { ClaimedJob } from "../../domain/job.ts";
import type { GroupSet, Queue } from "../../ports/store.ts";
import type { Database } from "./driver.ts";
import { type Portion, takeFitting } from "./fitting.ts";
import { runOf } from "./keys.ts";
import type { PendingLanes } from "./pending-lanes.ts";
import { Rotation, type Turn } from "./rotation.ts";
import type { Tallies } from "./tallies.ts";

const IS_OPEN = "SELECT 1 FROM runs WHERE number = ? AND state = 'open'";
const READY = `
  SELECT jobs.id, coalesce(inputs.key, 'row-' || (inputs.id & 4294967295)) AS key, jobs.attempt + 1 AS attempt,
    jobs.failures, jobs.invalid, jobs.asks, inputs.row
  FROM jobs CROSS JOIN inputs ON inputs.id = jobs.input
  WHERE jobs.lane = ? AND jobs.state = 'pending'`;
const DUE = `${READY} AND jobs.available_at > 0 AND jobs.available_at <= ? ORDER BY jobs.available_at LIMIT ?`;
const FRESH = `${READY} AND jobs.available_at = 0 ORDER BY jobs.id LIMIT ?`;
const CLAIM = "UPDATE jobs SET state = 'running', attempt = attempt + 1, owner = ? WHERE id = ?";
const RELEASE = `
  UPDATE jobs SET state = 'pending', attempt = attempt - 1, available_at = 0, owner = NULL
  WHERE id = ? AND attempt = ? AND owner = ? AND state = 'running'`;

interface ClaimRequest extends Portion {
  run: number;
  queue: Queue;
  /** Groups that are left out. */
  closed: GroupSet;
  owner: number;
  wallMs: number;
}

type ReadyRow = Omit<ClaimedJob, "model" | "group">;

interface Served {
  turn: Turn;
  row: ReadyRow;
}

/** Taking jobs to send, and giving back those not sent. Every method is part of a write. */
export class Claims {
  readonly #lanes: PendingLanes;
  readonly #tallies: Tallies;
  /** By run and queue. */
  readonly #rotations = new Map<string, Rotation>();
  readonly #isOpen;
  readonly #due;
  readonly #fresh;
  readonly #claim;
  readonly #release;

  constructor(db: Database, lanes: PendingLanes, tallies: Tallies) {
    this.#lanes = lanes;
    this.#tallies = tallies;
    this.#isOpen = db.prepare<[number]>(IS_OPEN);
    this.#due = db.prepare<[number, number, number], ReadyRow>(DUE);
    this.#fresh = db.prepare<[number, number], ReadyRow>(FRESH);
    this.#claim = db.prepare<[number, number]>(CLAIM);
    this.#release = db.prepare<[number, number, number | null]>(RELEASE);
  }

  /** Fewer than are ready where lanes run out within their turn: the next claim finds what is left. */
  claim(request: ClaimRequest): ClaimedJob[] {
    const { run, queue, wallMs } = request;
    if (this.#isOpen.get(run) === undefined) return [];
    const rotation = this.#rotationOf(run, queue);
    const wasStale = rotation.isStale(wallMs);
    if (wasStale) rotation.refresh(wallMs);
    const jobs = this.#take(request, rotation);
    if (jobs.length > 0 || wasStale) return jobs;
    rotation.refresh(wallMs);
    return this.#take(request, rotation);
  }

  /** The attempt number goes back as well: no call was made under it. */
  release(job: ClaimedJob, owner: number | null): void {
    const { changes } = this.#release.run(job.id, job.attempt, owner);
    this.#count(runOf(job.id), -changes);
  }

  #rotationOf(run: number, queue: Queue): Rotation {
    const name = JSON.stringify([run, queue.model, queue.stage]);
    let rotation = this.#rotations.get(name);
    if (rotation === undefined) {
      rotation = new Rotation(this.#lanes, run, queue);
      this.#rotations.set(name, rotation);
    }
    return rotation;
  }

  #take({ run, queue, owner, ...request }: ClaimRequest, rotation: Rotation): ClaimedJob[] {
    const served = takeFitting(this.#serve(request, rotation), request, ({ row }) => row.row.length);
    for (const { turn, row } of served) {
      rotation.served(turn);
      this.#claim.run(owner, row.id);
    }
    this.#count(run, served.length);
    return alternating(served).map(({ turn: { group }, row }) => ({ ...row, model: queue.model, group }));
  }

  /** An equal share for each lane whose turn it is; what one doesn't use is there for those after it. */
  *#serve(
    { limit, closed, wallMs }: Pick<ClaimRequest, "limit" | "closed" | "wallMs">,
    rotation: Rotation,
  ): Generator<Served> {
    const turns = rotation.next(limit, closed);
    const share = Math.ceil(limit / turns.length);
    let left = 0;
    for (const turn of turns) {
      left += share;
      for (const row of this.#ready(turn.lane, wallMs, left)) {
        yield { turn, row };
        left -= 1;
        if (left === 0) break;
      }
      if (left > 0) rotation.exhausted(turn);
    }
  }

  *#ready(lane: number, wallMs: number, limit: number): Generator<ReadyRow> {
    yield* this.#due.iterate(lane, wallMs, limit);
    yield* this.#fresh.iterate(lane, limit);
  }

  #count(run: number, claimed: number): void {
    this.#tallies.add(run, "jobs.pending", -claimed);
    this.#tallies.add(run, "jobs.running", claimed);
  }
}

/** The first of each lane, then the second of each: so they are sent in turn as well. */
function alternating(served: readonly Served[]): readonly Served[] {
  const byLane: Served[][] = [];
  for (const one of served) {
    const last = byLane.at(-1);
    if (last?.[0]?.turn === one.turn) last.push(one);
    else byLane.push([one]);
  }
  if (byLane.length < 2) return served;
  const longest = Math.max(...byLane.map((rows) => rows.length));
  return Array.from({ length: longest }, (_, at) => byLane.flatMap((rows) => rows[at] ?? [])).flat();
}
