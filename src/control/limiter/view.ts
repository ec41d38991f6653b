import type { QuotaDimension } from "../../domain/outcome.ts";

/** Where a limit comes from: the user, the provider's headers, or its refusals. */
export type QuotaSource = "told" | "headers" | "learned";

/** A limiter for people to look at. */
export interface LimiterView {
  quotas: readonly QuotaView[];
  concurrency: { limit: number; inFlight: number };
  /** The part of the known limits that refusals have left, 0 to 1. */
  factor: number;
  admitted: number;
  refused: number;
  /** Monotonic; null when calls are let through. */
  blockedUntil: number | null;
}

export interface QuotaView {
  dimension: QuotaDimension;
  per: "minute" | "day";
  source: QuotaSource;
  /** Units per minute or day that are ours: the share is taken off. */
  limit: number;
  /** Units that may be taken now; negative while a debt is paid off. */
  level: number;
  /** Share of the limit in use: over the last ten seconds, or of the day. */
  used: number;
  /** When a day's quota is whole again: monotonic, or wall clock where it is stored; null where nobody knows. */
  resetAt: number | null;
}
