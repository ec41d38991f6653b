import type { QuotaDimension } from "../../domain/outcome.ts";
import type { Reservation } from "../permit.ts";

/** What the limiter has a call wait for. */
export type WaitReason =
  | QuotaDimension
  | "requestsPerDay"
  | "tokensPerDay"
  /** All calls in flight that are allowed; only a completion frees one. */
  | "concurrency"
  /** The same while the number that an unknown endpoint takes is still being searched. */
  | "startup"
  /** Other processes hold the whole quota. */
  | "share"
  | "throttled";

export interface LimiterWait {
  /** The earliest moment at which it is worth asking again; Infinity when only a completion can help. */
  until: number;
  reason: WaitReason;
}

/** The limiter's answer to a call that asks to go. */
export type Admission = { admitted: true; charge: Reservation } | ({ admitted: false } & LimiterWait);
