import type { RunOptions } from "../../config/run-options.ts";
import type { Limits } from "../../control/limits.ts";
import type { Target } from "../../domain/request.ts";
import type { ChargingProfile } from "../../domain/usage.ts";
import { findPreset } from "../../provider/presets.ts";

/** Slots of a lane whose concurrency is learned: the most that may be in flight. */
const AUTO_CONCURRENCY = 1_000;

const TIMEOUT_MS = 600_000;
/** OpenAI's guide to flex processing raises its SDK's 10 minutes to 15: such calls are served when there is room. */
const FLEX_TIMEOUT_MS = 900_000;

/** The longest a call may take, in milliseconds. */
export function timeoutOf({ timeout, serviceTier }: RunOptions): number {
  return timeout ?? (serviceTier === "flex" ? FLEX_TIMEOUT_MS : TIMEOUT_MS);
}

/** A run's options, with what the config file says of this endpoint in their place. */
export function pacedFor({ name }: Target, options: RunOptions): RunOptions {
  return { ...options, ...options.endpoints.get(name)?.pace };
}

/**
 * How the provider counts, if it is the provider itself: another server under its name, given by --base-url, may count otherwise.
 */
export function chargingOf({ provider, baseUrl }: Target): ChargingProfile {
  const preset = findPreset(provider);
  const isItself = preset !== null && (preset.baseUrl === null || preset.baseUrl === baseUrl);
  return isItself ? preset.charging : "used";
}

export function slotsOf({ concurrency }: RunOptions): number {
  return concurrency === "auto" ? AUTO_CONCURRENCY : concurrency;
}

/** Whether any rate was told. */
export function isPaced({ rpm, tpm, itpm, otpm, rpd, tpd }: RunOptions): boolean {
  return [rpm, tpm, itpm, otpm, rpd, tpd].some((limit) => limit !== "auto");
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
