import type { ClaimedJob } from "../../domain/job.ts";
import type { GroupSet, Queue } from "../../ports/store.ts";
import { type Portion, takeFitting } from "../fitting.ts";
import { runOf } from "../keys.ts";
import { alternating, Rotation, type Turn } from "../rotation.ts";
import type { Database } from "./driver.ts";
import type { PendingLanes } from "./pending-lanes.ts";
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
const IS_HELD = "SELECT 1 FROM jobs WHERE id = ? AND attempt = ? AND owner = ? AND state = 'running'";
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

/** Taking jobs to send, and giving back those not sent. Every method that changes something is part of a write. */
export class Claims {
  readonly #lanes: PendingLanes;
  readonly #tallies: Tallies;
  /** By run and queue. */
  readonly #rotations = new Map<string, Rotation>();
  readonly #isOpen;
  readonly #due;
  readonly #fresh;
  readonly #claim;
  readonly #isHeld;
  readonly #release;

  constructor(db: Database, lanes: PendingLanes, tallies: Tallies) {
    this.#lanes = lanes;
    this.#tallies = tallies;
    this.#isOpen = db.prepare<[number]>(IS_OPEN);
    this.#due = db.prepare<[number, number, number], ReadyRow>(DUE);
    this.#fresh = db.prepare<[number, number], ReadyRow>(FRESH);
    this.#claim = db.prepare<[number, number]>(CLAIM);
    this.#isHeld = db.prepare<[number, number, number | null]>(IS_HELD);
    this.#release = db.prepare<[number, number, number | null]>(RELEASE);
  }

  /** Fewer than are ready where lanes run out within their turn: the next claim finds what is left. */
  claim(request: ClaimRequest): ClaimedJob[] {
    const { run, queue, wallMs } = request;
    if (this.#isOpen.get(run) === undefined) return [];
    const rotation = this.#rotationOf(run, queue);
    const wasStale = rotation.isStale(wallMs);
    if (wasStale) this.#refresh(rotation, request);
    const jobs = this.#take(request, rotation);
    if (jobs.length > 0 || wasStale) return jobs;
    this.#refresh(rotation, request);
    return this.#take(request, rotation);
  }

  isHeld({ id, attempt }: ClaimedJob, owner: number | null): boolean {
    return this.#isHeld.get(id, attempt, owner) !== undefined;
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
      rotation = new Rotation();
      this.#rotations.set(name, rotation);
    }
    return rotation;
  }

  #refresh(rotation: Rotation, { run, queue, wallMs }: ClaimRequest): void {
    rotation.refresh(this.#lanes.pending(run, queue), wallMs);
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
