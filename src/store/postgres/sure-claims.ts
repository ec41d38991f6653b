import type { ClaimedJob } from "../../domain/job.ts";
import type { Membership } from "./processes.ts";

/** Claims that are this process's for sure, since it was never silent for so long that others may have taken them back. */
export class SureClaims {
  readonly #membership: Membership;
  readonly #lives = new WeakMap<ClaimedJob, number>();

  constructor(membership: Membership) {
    this.#membership = membership;
  }

  /** Called when they are committed. */
  add(jobs: readonly ClaimedJob[]): void {
    const { life } = this.#membership;
    if (life !== null) for (const job of jobs) this.#lives.set(job, life);
  }

  has(job: ClaimedJob): boolean {
    const { life } = this.#membership;
    return life !== null && this.#lives.get(job) === life;
  }
}
