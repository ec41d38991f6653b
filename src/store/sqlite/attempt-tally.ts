import type { Ending } from "../../domain/ending.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Database } from "./driver.ts";
import { bucketOf } from "./histogram.ts";
import { runOf } from "./keys.ts";
import type { Tallies } from "./tallies.ts";

export const MINUTE_MS = 60_000;

const FORGET_MINUTES = "DELETE FROM tallies WHERE run = ? AND name >= 'minute.' AND name < 'minute.' || ?";

/** Counts attempts into the tallies of their run. Every method is part of a write. */
export class AttemptTally {
  readonly #tallies: Tallies;
  readonly #clock: Clock;
  readonly #forgetMinutes;
  /** The newest minute counted of each run. */
  readonly #minutes = new Map<number, number>();

  constructor(db: Database, tallies: Tallies, clock: Clock) {
    this.#tallies = tallies;
    this.#clock = clock;
    this.#forgetMinutes = db.prepare<[number, number]>(FORGET_MINUTES);
  }

  /** What the attempt was, whether or not the job was still its owner's: it was made, and perhaps paid. */
  countAttempt({ job, outcome, decision, timing }: Ending): void {
    const run = runOf(job.id);
    const isThrottled = outcome.kind === "throttled" || outcome.kind === "exhausted";
    this.#tallies.add(run, "attempts.total", 1);
    if (outcome.kind === "succeeded") this.#tallies.add(run, "attempts.succeeded", 1);
    else if (isThrottled) this.#tallies.add(run, "attempts.throttled", 1);
    else if (decision.state === "pending") this.#tallies.add(run, "attempts.retried", 1);
    this.#countTokens(run, outcome);
    this.#tallies.add(run, `latency.${bucketOf(timing.latencyMs)}`, 1);
    this.#tallies.add(run, `wait.${bucketOf(timing.waitMs)}`, 1);
    this.#tallies.add(run, `total.${bucketOf(this.#clock.now() - timing.slotFreeAt)}`, 1);
    this.#countRecent(run, "requests", 1);
  }

  /** Calls that may have been made by a process that died. */
  countInDoubt(run: number, calls: number): void {
    this.#tallies.add(run, "attempts.total", calls);
    this.#tallies.add(run, "attempts.in_doubt", calls);
  }

  /** The job's change of state. */
  countJob({ job, outcome, decision }: Ending): void {
    const run = runOf(job.id);
    this.#tallies.add(run, "jobs.running", -1);
    this.#tallies.add(run, `jobs.${decision.state}`, 1);
    if (decision.state === "failed") this.#tallies.add(run, `failure.${outcome.code}`, 1);
    if (decision.state !== "pending") this.#countRecent(run, "done", 1);
  }

  #countTokens(run: number, { answer }: Ending["outcome"]): void {
    if (answer === null) return;
    const { inputTokens, cachedInputTokens, outputTokens } = answer.usage;
    this.#tallies.add(run, "tokens.input", inputTokens);
    this.#tallies.add(run, "tokens.cached_input", cachedInputTokens);
    this.#tallies.add(run, "tokens.output", outputTokens);
    this.#countRecent(run, "tokens", inputTokens + outputTokens);
  }

  /** By minutes of the wall clock, of which the last two are kept: a run of weeks has no more rows than a short one. */
  #countRecent(run: number, what: "requests" | "tokens" | "done", by: number): void {
    const minute = Math.floor(this.#clock.wall() / MINUTE_MS);
    if (this.#minutes.get(run) !== minute) {
      this.#minutes.set(run, minute);
      this.#forgetMinutes.run(run, minute - 1);
    }
    this.#tallies.add(run, `minute.${minute}.${what}`, by);
  }
}
