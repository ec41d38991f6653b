/**
 * One limit, enforced over one span of time. A pure machine: `now` is passed in and never goes back.
 *
 * A limit of L per minute over a span of S seconds allows L * S / 60 in the span. A cost above that, but not above L,
 * passes when the span is unused, and is then paid off at the rate of the limit, so the rate always holds.
 */
export interface QuotaWindow {
  /** Milliseconds until `cost` fits: 0 when it fits now, Infinity when it is above the limit itself. */
  waitMs(cost: number, now: number): number;
  /** Takes `cost`, whether it fits or not. */
  spend(cost: number, now: number): void;
  /** Units that are left now; negative while a debt is paid off. */
  remaining(now: number): number;
  /** Milliseconds until everything is available again. */
  resetMs(now: number): number;
  /** Changes the limit and keeps what was used. */
  setLimit(limit: number, now: number): void;
}

/** What a limit is counted over. */
export interface WindowSpan {
  /** Units per `perMs`. */
  limit: number;
  /** 60,000 for a limit per minute, 86,400,000 for one per day. */
  perMs: number;
  /** The span it is enforced over, in milliseconds. */
  spanMs: number;
}

/** Sums of fractions, of units or milliseconds, miss whole numbers by less than this. */
export const ROUNDING = 1e-6;
