import type { RunOptions } from "../config/run-options.ts";
import type { Limits } from "../control/limits.ts";

/** Slots of a lane whose concurrency is learned: the most that may be in flight. */
const AUTO_CONCURRENCY = 1_000;

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
