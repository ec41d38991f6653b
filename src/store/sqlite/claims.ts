import type { ClaimedJob } from "../../domain/job.ts";
import type { GroupSet, Queue } from "../../ports/store.ts";
import { type Portion, takeFitting } from "../fitting.ts";
import { runOf } from "../keys.ts";
import { alternating, type Rotation, Rotations, type Turn } from "../rotation.ts";
import type { Database } from "./driver.ts";
import type { PendingLanes } from "./pending-lanes.ts";
import type { Tallies } from "./tallies.ts";

const IS_OPEN = "SELECT 1 FROM runs WHERE number = ? AND state = 'open'";
const READY = `
  SELECT jobs.id, coalesce(inputs.key, 'row-' || (inputs.id & 4294967295)), jobs.attempt + 1, jobs.failures, jobs.invalid,
    jobs.asks, inputs.row
  FROM jobs CROSS JOIN inputs ON inputs.id = jobs.input
  WHERE jobs.lane = ? AND jobs.state = 'pending'`;
/**
 * Without a LIMIT: rows are read one by one until enough are claimed, and SQLite would prepare a bound LIMIT anew each time, in 30
 * us.
 */
const DUE = `${READY} AND jobs.available_at > 0 AND jobs.available_at <= ? ORDER BY jobs.available_at`;
const FRESH = `${READY} AND jobs.available_at = 0 ORDER BY jobs.id`;
const CLAIM = "UPDATE jobs SET state = 'running', attempt = attempt + 1, owner = ? WHERE id = ?";
/** Claims the fresh jobs of a lane from the first one to the given one: a statement for each took 1.2 us more a job. */
const CLAIM_FRESH = `
  UPDATE jobs SET state = 'running', attempt = attempt + 1, owner = ?
  WHERE lane = ? AND state = 'pending' AND available_at = 0 AND id <= ?`;
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

/** The columns of a ready job, in their order. */
type ReadyRow = [
  id: number,
  key: string,
  attempt: number,
  failures: number,
  invalid: number,
  asks: number,
  row: string,
];

interface Served {
  turn: Turn;
  job: ClaimedJob;
  isFresh: boolean;
}

/** Taking jobs to send, and giving back those not sent. Every method that changes something is part of a write. */
export class Claims {
  readonly #lanes: PendingLanes;
  readonly #tallies: Tallies;
  readonly #rotations = new Rotations();
  readonly #isOpen;
  readonly #due;
  readonly #fresh;
  readonly #claim;
  readonly #claimFresh;
  readonly #isHeld;
  readonly #release;

  constructor(db: Database, lanes: PendingLanes, tallies: Tallies) {
    this.#lanes = lanes;
    this.#tallies = tallies;
    this.#isOpen = db.prepare<[number]>(IS_OPEN);
    this.#due = db.prepare<[number, number], ReadyRow>(DUE).raw();
    this.#fresh = db.prepare<[number], ReadyRow>(FRESH).raw();
    this.#claim = db.prepare<[number, number]>(CLAIM);
    this.#claimFresh = db.prepare<[number, number, number]>(CLAIM_FRESH);
    this.#isHeld = db.prepare<[number, number, number | null]>(IS_HELD);
    this.#release = db.prepare<[number, number, number | null]>(RELEASE);
  }

  /** Gives fewer than are ready if lanes run out within their turn: the next claim finds what is left. */
  claim(request: ClaimRequest): ClaimedJob[] {
    const { run, queue, wallMs } = request;
    if (this.#isOpen.get(run) === undefined) return [];
    const rotation = this.#rotations.of(run, queue);
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

  /** Gives a claim back, and its attempt number too, as no call was made under it. */
  release(job: Pick<ClaimedJob, "id" | "attempt">, owner: number | null): void {
    const { changes } = this.#release.run(job.id, job.attempt, owner);
    this.#count(runOf(job.id), -changes);
  }

  #refresh(rotation: Rotation, { run, queue, wallMs }: ClaimRequest): void {
    rotation.refresh(this.#lanes.pending(run, queue), wallMs);
  }

  #take({ run, queue, owner, ...request }: ClaimRequest, rotation: Rotation): ClaimedJob[] {
    const served = takeFitting(this.#serve(request, queue, rotation), request, ({ job }) => job.row.length);
    for (const [at, { turn, job, isFresh }] of served.entries()) {
      rotation.served(turn);
      if (!isFresh) this.#claim.run(owner, job.id);
      else if (served[at + 1]?.turn !== turn) this.#claimFresh.run(owner, turn.lane, job.id);
    }
    this.#count(run, served.length);
    // One by one: V8 makes another kind of array by `map` once this is compiled, and would compile all that reads it anew.
    const jobs: ClaimedJob[] = [];
    for (const { job } of alternating(served)) jobs.push(job);
    return jobs;
  }

  /** Takes an equal share from each lane whose turn it is; what one doesn't use goes to those after it. */
  *#serve(
    { limit, closed, wallMs }: Pick<ClaimRequest, "limit" | "closed" | "wallMs">,
    { model }: Queue,
    rotation: Rotation,
  ): Generator<Served> {
    const turns = rotation.next(limit, closed);
    const share = Math.ceil(limit / turns.length);
    let left = 0;
    for (const turn of turns) {
      left += share;
      for (const served of this.#ready(turn, model, wallMs)) {
        yield served;
        left -= 1;
        if (left === 0) break;
      }
      if (left > 0) rotation.exhausted(turn);
    }
  }

  /** Those that are due, then the fresh ones by their ids. */
  *#ready(turn: Turn, model: string | null, wallMs: number): Generator<Served> {
    for (const row of this.#due.iterate(turn.lane, wallMs)) {
      yield { turn, job: jobOf(row, model, turn.group), isFresh: false };
    }
    for (const row of this.#fresh.iterate(turn.lane)) {
      yield { turn, job: jobOf(row, model, turn.group), isFresh: true };
    }
  }

  #count(run: number, claimed: number): void {
    this.#tallies.add(run, "jobs.pending", -claimed);
    this.#tallies.add(run, "jobs.running", claimed);
  }
}

function jobOf(
  [id, key, attempt, failures, invalid, asks, row]: ReadyRow,
  model: string | null,
  group: string | null,
): ClaimedJob {
  return { id, key, attempt, failures, invalid, asks, row, model, group };
}
