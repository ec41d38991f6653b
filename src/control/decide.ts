import type { Decision } from "../domain/ending.ts";
import type { ClaimedJob } from "../domain/job.ts";
import { OUTCOME_RULES, type Outcome } from "../domain/outcome.ts";
import type { Random } from "../ports/random.ts";
import { type BackoffSettings, backoffMs } from "./backoff.ts";

export interface RetryRules extends BackoffSettings {
  /** Failures after which a job is failed for good. */
  maxAttempts: number;
  /** Answers that don't fit the JSON Schema after which a job is failed for good. */
  schemaAttempts: number;
}

/** What becomes of a job after an attempt. The provider's hint is never shortened. */
export function decide(
  job: ClaimedJob,
  outcome: Outcome,
  rules: RetryRules,
  { wallMs, random }: { wallMs: number; random: Random },
): Decision {
  switch (OUTCOME_RULES[outcome.kind].job) {
    case "succeed":
      return { state: "succeeded", availableAt: 0, countsAs: null };
    case "fail":
      return { state: "failed", availableAt: 0, countsAs: "failure" };
    case "requeue":
      return {
        state: "pending",
        availableAt: wallMs + requeueMs(job, outcome, rules, random),
        countsAs: null,
      };
    case "reask":
      if (job.invalid + 1 >= rules.schemaAttempts)
        return { state: "failed", availableAt: 0, countsAs: "invalid" };
      return { state: "pending", availableAt: wallMs, countsAs: "invalid" };
    case "retry":
      if (job.failures + 1 >= rules.maxAttempts)
        return { state: "failed", availableAt: 0, countsAs: "failure" };
      return {
        state: "pending",
        availableAt: wallMs + atLeastHint(backoffMs(job.failures, rules, random), outcome),
        countsAs: "failure",
      };
  }
}

/**
 * The limiter and the breaker hold the next call back; the job itself is ready at once. With two exceptions. Where nothing could be sent,
 * the same job would be tried again in the same millisecond, until the breaker knows. And a job that was put back before, and is
 * throttled again when others aren't, would hold all of them up by its refusals.
 */
function requeueMs(job: ClaimedJob, outcome: Outcome, rules: RetryRules, random: Random): number {
  const requeued = job.attempt - 1 - job.failures - job.invalid;
  if (outcome.kind === "unreachable") return atLeastHint(backoffMs(0, rules, random), outcome);
  if (outcome.kind === "throttled" && requeued > 0)
    return atLeastHint(backoffMs(requeued - 1, rules, random), outcome);
  return atLeastHint(0, outcome);
}

function atLeastHint(delayMs: number, { retryAfterMs }: Outcome): number {
  return Math.max(delayMs, Math.ceil(retryAfterMs ?? 0));
}
