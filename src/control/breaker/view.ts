import type { Phase } from "./state.ts";
import type { StoredBreaker } from "./stored.ts";

/** The reason of a breaker that stays open until somebody closes it. */
export const OPENED_BY_HAND = "opened by hand";

/** A breaker for people to look at. */
export interface BreakerView {
  state: Phase["name"];
  /** Wall clock of the next probe; null unless open. */
  retryAt: number | null;
  /** Why it is open or blocked. */
  reason: string | null;
}

export function viewOf(phase: Phase | StoredBreaker["phase"]): BreakerView {
  switch (phase.name) {
    case "open":
      return { state: "open", retryAt: phase.until, reason: phase.reason };
    case "blocked":
      return { state: "blocked", retryAt: null, reason: phase.message };
    default:
      return { state: phase.name, retryAt: null, reason: null };
  }
}
