import type { RunOptions } from "../config/run-options.ts";
import type { Limits } from "../control/limits.ts";

/** Slots of a lane whose concurrency is learned: the most that may be in flight. */
const AUTO_CONCURRENCY = 1_000;

const TIMEOUT_MS = 600_000;
/** OpenAI's guide to flex processing raises its SDK's 10 minutes to 15: such calls are served when there is room. */
const FLEX_TIMEOUT_MS = 900_000;

/** The longest a call may take, in milliseconds. */
export function timeoutOf({ timeout, serviceTier }: RunOptions): number {
  return timeout ?? (serviceTier === "flex" ? FLEX_TIMEOUT_MS : TIMEOUT_MS);
}

export function slotsOf({ concurrency }: RunOptions): number {
  return concurrency === "auto" ? AUTO_CONCURRENCY : concurrency;
}

export function limitsOf(options: RunOptions): Limits {
  return {
    requestsPerMinute: options.rpm,
    tokensPerMinute: options.tpm,
    inputTokensPerMinute: options.itpm,
    outputTokensPerMinute: options.otpm,
    requestsPerDay: options.rpd,
    tokensPerDay: options.tpd,
    concurrency: options.concurrency,
    share: options.share,
  };
}
