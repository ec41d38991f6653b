import type { Charge } from "../domain/usage.ts";

/** Leave to send one call. Every permit is settled exactly once. */
export interface Permit {
  readonly job: number;
  readonly attempt: number;
  /** What was taken from the quota before the call. */
  readonly charge: Charge;
  /** Monotonic time of the admission. */
  readonly admittedAt: number;
  /** The breaker's epoch at the admission: a result from an older epoch never moves the breaker. */
  readonly epoch: number;
  /** Whether this call probes a half-open breaker. */
  readonly probe: boolean;
}
