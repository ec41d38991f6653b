import { option, optional } from "../option.ts";
import { count, duration, flag } from "../parse.ts";

/** What happens when calls fail. */
export const FAILURE_OPTIONS = {
  maxAttempts: option(
    {
      group: "failure",
      flags: "--max-attempts <n>",
      description: "failures after which a row has failed for good",
    },
    count(),
    5,
  ),
  schemaAttempts: option(
    {
      group: "failure",
      flags: "--schema-attempts <n>",
      description: "answers that don't fit --json-schema after which a row has failed for good",
    },
    count(),
    3,
  ),
  timeout: optional(
    {
      group: "failure",
      flags: "--timeout <dur>",
      description: "longest a call may take (10m; with --service-tier flex 15m)",
    },
    duration,
  ),
  backoffBase: option(
    { group: "failure", flags: "--backoff-base <dur>", description: "first wait before a row is retried" },
    duration,
    1_000,
  ),
  backoffMax: option(
    { group: "failure", flags: "--backoff-max <dur>", description: "longest wait before a row is retried" },
    duration,
    60_000,
  ),
  breakerFailures: option(
    {
      group: "failure",
      flags: "--breaker-failures <n>",
      description: "failures in a row that open the breaker",
    },
    count(),
    5,
  ),
  breakerCooldown: option(
    { group: "failure", flags: "--breaker-cooldown <dur>", description: "first pause of an open breaker" },
    duration,
    30_000,
  ),
  breakerProbes: option(
    {
      group: "failure",
      flags: "--breaker-probes <n>",
      description: "calls let through to test the provider",
    },
    count(),
    1,
  ),
  breakerOn429: option(
    { group: "failure", flags: "--breaker-on-429", description: "count rate-limit refusals as failures too" },
    flag,
    false,
  ),
  stallTimeout: option(
    {
      group: "failure",
      flags: "--stall-timeout <dur>",
      description: "stop when no call has succeeded for so long",
    },
    duration,
    1_800_000,
  ),
};
