/** Cancels a timer; calling it twice, or after the timer has fired, does nothing. */
export type CancelTimer = () => void;

/**
 * Time, passed in. Durations are measured on the monotonic clock; the wall clock is only for what is stored
 * or shown, because it can jump.
 */
export interface Clock {
  /** Monotonic milliseconds from an arbitrary origin, with a fractional part. */
  now(): number;
  /** Milliseconds since the Unix epoch, whole. */
  wall(): number;
  /** Calls `fire` once when `now()` has reached `at`; never before, and never synchronously. */
  timer(at: number, fire: () => void): CancelTimer;
}
