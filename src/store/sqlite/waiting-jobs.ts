import type { Database } from "./driver.ts";
import type { Lanes } from "./lanes.ts";

const HAS_FRESH = "SELECT 1 FROM jobs WHERE lane = ? AND state = 'pending' AND available_at = 0 LIMIT 1";
const FIRST_DUE =
  "SELECT min(available_at) FROM jobs WHERE lane = ? AND state = 'pending' AND available_at > 0";

/** Says when the next job is ready; looks at indexes alone. */
export class WaitingJobs {
  readonly #lanes: Lanes;
  readonly #hasFresh;
  readonly #firstDue;

  constructor(db: Database, lanes: Lanes) {
    this.#lanes = lanes;
    this.#hasFresh = db.prepare<[number]>(HAS_FRESH);
    this.#firstDue = db.prepare<[number], number | null>(FIRST_DUE).pluck();
  }

  /** Wall clock; 0 when a job is ready, null when none is pending. */
  nextAvailableAt(run: number, model: string | null, wallMs: number): number | null {
    const lane = this.#lanes.find(run, model);
    if (lane === null) return null;
    if (this.#hasFresh.get(lane) !== undefined) return 0;
    const due = this.#firstDue.get(lane) ?? null;
    return due !== null && due <= wallMs ? 0 : due;
  }
}
