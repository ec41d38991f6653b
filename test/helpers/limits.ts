import type { Limits } from "../../src/control/limits.ts";

const UNTOLD: Limits = {
  requestsPerMinute: "auto",
  tokensPerMinute: "auto",
  inputTokensPerMinute: "auto",
  outputTokensPerMinute: "auto",
  requestsPerDay: "auto",
  tokensPerDay: "auto",
  concurrency: "auto",
  share: 1,
};

/** What a user tells of an endpoint; nothing unless given. */
export function limitsOf(told: Partial<Limits>): Limits {
  return { ...UNTOLD, ...told };
}
