import type { QuotaView } from "./limiter/view.ts";
import { readShared } from "./shared-state.ts";

/** What the processes that work on an endpoint let others see of its limiter. Moments are on the wall clock. */
export interface SharedLimiterView {
  quotas: readonly QuotaView[];
  /** Until when a refusal keeps calls back; null when they are let through. */
  blockedUntil: number | null;
}

/** What the state that processes share says of the limits; null where it says nothing. */
export function viewSharedLimiter(text: string): SharedLimiterView | null {
  const shared = readShared(text);
  return shared && { quotas: shared.limiter.quotas ?? [], blockedUntil: shared.limiter.throttle.until };
}
