import type { Charge } from "../domain/usage.ts";

/** What was taken from the quota for one call, and the guess it was made from: learning compares the two. */
export interface Reservation extends Charge {
  /** Input tokens as the provider adapter estimated them, before the learned ratio. */
  readonly guessedInputTokens: number;
}

/** Leave to send one call. Every permit is settled exactly once. */
export interface Permit {
  readonly job: number;
  readonly attempt: number;
  /** The job's failures before this call. */
  readonly failures: number;
  /** What was taken from the quota before the call. */
  readonly charge: Reservation;
  /** Monotonic time of the admission. */
  readonly admittedAt: number;
  /** The breaker's epoch at the admission: a result from an older epoch never moves the breaker. */
  readonly epoch: number;
  /** Whether this call probes a half-open breaker. */
  readonly probe: boolean;
  /** Monotonic time at which the call came to its end, which may be long before that is on record; null before. */
  answeredAt: number | null;
  isSettled: boolean;
}
