import type { OutcomeKind } from "../../domain/outcome.ts";

interface LimiterRule {
  /**
   * Tokens that the provider will have counted: those that it reported, none, or, where that is unknown, those that were reserved.
   */
  spent: "reported" | "none" | "reserved";
  /** Whether the provider's rate limit let the call in. */
  gate: "passed" | "refused" | "unknown";
  /** What it says of the calls in flight: enough of them were answered, too many failed, or nothing. */
  load: "answered" | "failed" | "nothing";
}

export const LIMITER_RULES: Readonly<Record<OutcomeKind, LimiterRule>> = {
  succeeded: { spent: "reported", gate: "passed", load: "answered" },
  malformed: { spent: "reported", gate: "passed", load: "answered" },
  invalid: { spent: "reported", gate: "passed", load: "answered" },
  throttled: { spent: "none", gate: "refused", load: "failed" },
  exhausted: { spent: "none", gate: "refused", load: "nothing" },
  overloaded: { spent: "none", gate: "passed", load: "failed" },
  transient: { spent: "none", gate: "passed", load: "failed" },
  unreachable: { spent: "none", gate: "unknown", load: "failed" },
  interrupted: { spent: "reserved", gate: "unknown", load: "failed" },
  blocked: { spent: "none", gate: "unknown", load: "nothing" },
  rejected: { spent: "none", gate: "passed", load: "nothing" },
  aborted: { spent: "reserved", gate: "unknown", load: "nothing" },
};
