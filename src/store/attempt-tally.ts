import type { Ending } from "../domain/ending.ts";
import { bucketOf } from "../domain/histogram.ts";
import { countedSpend, knownSpend } from "../domain/spend.ts";
import type { Usage } from "../domain/usage.ts";
import type { Clock } from "../ports/clock.ts";
import { runOf } from "./keys.ts";
import type { SpendSum } from "./spend-sum.ts";
import type { TallySum } from "./tally-sum.ts";

export const MINUTE_MS = 60_000;

/** Names are kept: to build and hash them anew for each attempt took longer than to count it. */
const latencyName = namesOf("latency");
const waitName = namesOf("wait");
const totalName = namesOf("total");

interface AttemptTallyParts {
  tallies: TallySum;
  spending: SpendSum;
  clock: Clock;
  /** Deletes what was counted of a run's minutes before this one. */
  forgetMinutes(run: number, before: number): void;
}

/** Counts attempts into the tallies of their run. Every method is part of a write. */
export class AttemptTally {
  readonly #parts: AttemptTallyParts;
  /** The newest minute counted of each run. */
  readonly #minutes = new Map<number, number>();
  #names = minuteNames(0);

  constructor(parts: AttemptTallyParts) {
    this.#parts = parts;
  }

  /** Counts the attempt, whether or not the job was still its owner's: it was made, and perhaps paid for. */
  countAttempt(ending: Ending): void {
    const { job, outcome, decision, timing } = ending;
    const run = runOf(job.id);
    const isThrottled = outcome.kind === "throttled" || outcome.kind === "exhausted";
    this.#parts.tallies.add(run, "attempts.total", 1);
    if (outcome.kind === "succeeded") this.#parts.tallies.add(run, "attempts.succeeded", 1);
    else if (isThrottled) this.#parts.tallies.add(run, "attempts.throttled", 1);
    else if (decision.state === "pending") this.#parts.tallies.add(run, "attempts.retried", 1);
    if (outcome.kind === "invalid") this.#parts.tallies.add(run, "answers.unfit", 1);
    if (outcome.answer !== null) this.#countUse(run, outcome.answer.usage, outcome.costNanoUsd);
    this.#countSpend(run, ending);
    this.#parts.tallies.add(run, latencyName(bucketOf(timing.latencyMs)), 1);
    this.#parts.tallies.add(run, waitName(bucketOf(timing.waitMs)), 1);
    this.#parts.tallies.add(run, totalName(bucketOf(this.#parts.clock.now() - timing.slotFreeAt)), 1);
    this.#countRecent(run, "requests", 1);
  }

  /** Calls that may have been made by a process that died. */
  countInDoubt(run: number, calls: number): void {
    this.#parts.tallies.add(run, "attempts.total", calls);
    this.#parts.tallies.add(run, "attempts.in_doubt", calls);
  }

  /** Takes calls out of doubt, as it has come out how they ended. */
  countNoDoubt(run: number, calls: number): void {
    this.countInDoubt(run, -calls);
  }

  /** The job's change of state. */
  countJob({ job, outcome, decision }: Ending, before: "running" | "pending"): void {
    const run = runOf(job.id);
    this.#parts.tallies.add(run, `jobs.${before}`, -1);
    this.#parts.tallies.add(run, `jobs.${decision.state}`, 1);
    if (decision.state === "failed") this.#parts.tallies.add(run, `failure.${outcome.code}`, 1);
  }

  /** An answer that is refused was paid for as well. */
  #countUse(run: number, usage: Usage, costNanoUsd: number | null): void {
    const { inputTokens, cachedInputTokens, outputTokens } = usage;
    const tokens = inputTokens + outputTokens;
    this.#parts.tallies.add(run, "tokens.input", inputTokens);
    this.#parts.tallies.add(run, "tokens.cached_input", cachedInputTokens);
    this.#parts.tallies.add(run, "tokens.output", outputTokens);
    this.#parts.tallies.add(run, "cost.nano_usd", costNanoUsd ?? 0);
    this.#parts.tallies.add(run, "cost.unknown", Number(costNanoUsd === null));
    this.#countRecent(run, "tokens", tokens);
  }

  /** Counts for budgets. What is only estimated is tallied apart. */
  #countSpend(run: number, { job, outcome, estimate }: Ending): void {
    const counted = countedSpend(outcome, estimate);
    const known = knownSpend(outcome);
    if (counted.tokens > 0 || counted.nanoUsd > 0) this.#parts.spending.add(run, job.group, counted);
    this.#parts.tallies.add(run, "doubt.tokens", counted.tokens - known.tokens);
    this.#parts.tallies.add(run, "doubt.nano_usd", counted.nanoUsd - known.nanoUsd);
  }

  /** By minutes of the wall clock, of which the last two are kept: a run of weeks has no more rows than a short one. */
  #countRecent(run: number, what: "requests" | "tokens", by: number): void {
    const minute = Math.floor(this.#parts.clock.wall() / MINUTE_MS);
    if (this.#minutes.get(run) !== minute) {
      this.#minutes.set(run, minute);
      this.#parts.forgetMinutes(run, minute - 1);
    }
    if (this.#names.minute !== minute) this.#names = minuteNames(minute);
    this.#parts.tallies.add(run, this.#names[what], by);
  }
}

function minuteNames(minute: number) {
  const name = `minute.${minute}`;
  return { minute, requests: `${name}.requests`, tokens: `${name}.tokens` };
}

/** The names of a histogram's buckets. */
function namesOf(histogram: string): (bucket: number) => string {
  const names = new Map<number, string>();
  return (bucket) => {
    let name = names.get(bucket);
    if (name === undefined) {
      name = `${histogram}.${bucket}`;
      names.set(bucket, name);
    }
    return name;
  };
}
