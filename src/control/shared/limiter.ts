import type { QuotaView } from "../limiter/view.ts";
import { readShared } from "./state.ts";

/** What the processes that work on an endpoint let others see of its limiter. Moments are on the wall clock. */
export interface SharedLimiterView {
  quotas: readonly QuotaView[];
  /** Until when a refusal keeps calls back; null when they are let through. */
  blockedUntil: number | null;
}

/** By our own count: a quota of the day that has no room for another call. */
export interface UsedUp {
  reason: "requestsPerDay" | "tokensPerDay";
  until: number;
}

/** The one that is whole again last; null while all have room. */
export function usedUpQuota(quotas: readonly QuotaView[], wallMs: number): UsedUp | null {
  const [last] = quotas
    .filter(({ per, level, resetAt }) => per === "day" && level < 1 && (resetAt ?? 0) > wallMs)
    .sort((a, b) => b.resetAt! - a.resetAt!);
  if (last === undefined) return null;
  return { reason: last.dimension === "requests" ? "requestsPerDay" : "tokensPerDay", until: last.resetAt! };
}

/** What the state that processes share says of the limits; null where it says nothing. */
export function viewSharedLimiter(text: string): SharedLimiterView | null {
  const shared = readShared(text);
  return shared && { quotas: shared.limiter.quotas ?? [], blockedUntil: shared.limiter.throttle.until };
}
