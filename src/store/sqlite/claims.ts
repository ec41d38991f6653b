import type { ClaimedJob } from "../../domain/job.ts";
import type { Database } from "./driver.ts";
import { runOf } from "./keys.ts";
import type { Lanes } from "./lanes.ts";
import type { Tallies } from "./tallies.ts";

const IS_OPEN = "SELECT 1 FROM runs WHERE number = ? AND state = 'open'";
const READY = `
  SELECT jobs.id, coalesce(inputs.key, 'row-' || (inputs.id & 4294967295)) AS key, jobs.attempt + 1 AS attempt,
    jobs.failures, inputs.row
  FROM jobs CROSS JOIN inputs ON inputs.id = jobs.input
  WHERE jobs.lane = ? AND jobs.state = 'pending'`;
const DUE = `${READY} AND jobs.available_at > 0 AND jobs.available_at <= ? ORDER BY jobs.available_at LIMIT ?`;
const FRESH = `${READY} AND jobs.available_at = 0 ORDER BY jobs.id LIMIT ?`;
const CLAIM = "UPDATE jobs SET state = 'running', attempt = attempt + 1, owner = ? WHERE id = ?";
const RELEASE = `
  UPDATE jobs SET state = 'pending', attempt = attempt - 1, available_at = 0, owner = NULL
  WHERE id = ? AND attempt = ? AND owner = ? AND state = 'running'`;

interface ClaimRequest {
  run: number;
  model: string | null;
  owner: number;
  limit: number;
  wallMs: number;
}

type ReadyRow = Omit<ClaimedJob, "model">;

/** Taking jobs to send, and giving back those not sent. Every method is part of a write. */
export class Claims {
  readonly #lanes: Lanes;
  readonly #tallies: Tallies;
  readonly #isOpen;
  readonly #due;
  readonly #fresh;
  readonly #claim;
  readonly #release;

  constructor(db: Database, lanes: Lanes, tallies: Tallies) {
    this.#lanes = lanes;
    this.#tallies = tallies;
    this.#isOpen = db.prepare<[number]>(IS_OPEN);
    this.#due = db.prepare<[number, number, number], ReadyRow>(DUE);
    this.#fresh = db.prepare<[number, number], ReadyRow>(FRESH);
    this.#claim = db.prepare<[number, number]>(CLAIM);
    this.#release = db.prepare<[number, number, number | null]>(RELEASE);
  }

  claim({ run, model, owner, limit, wallMs }: ClaimRequest): ClaimedJob[] {
    const lane = this.#lanes.find(run, model);
    if (lane === null || limit <= 0 || this.#isOpen.get(run) === undefined) return [];
    const ready = this.#due.all(lane, wallMs, limit);
    if (ready.length < limit) ready.push(...this.#fresh.all(lane, limit - ready.length));
    for (const job of ready) this.#claim.run(owner, job.id);
    this.#count(run, ready.length);
    return ready.map((job) => ({ ...job, model }));
  }

  /** The attempt number goes back as well: no call was made under it. */
  release(job: ClaimedJob, owner: number | null): void {
    const { changes } = this.#release.run(job.id, job.attempt, owner);
    this.#count(runOf(job.id), -changes);
  }

  #count(run: number, claimed: number): void {
    this.#tallies.add(run, "jobs.pending", -claimed);
    this.#tallies.add(run, "jobs.running", claimed);
  }
}
