import type { Random } from "../ports/random.ts";

export interface BackoffSettings {
  /** The first delay in milliseconds, before jitter. */
  backoffBaseMs: number;
  /** The longest delay in milliseconds. A provider's hint may be longer. */
  backoffMaxMs: number;
}

/**
 * Milliseconds to wait after a job's `failures` earlier failures: doubling, and drawn from the upper half, so that jobs
 * that failed together come back apart and yet none comes back at once.
 */
export function backoffMs(failures: number, settings: BackoffSettings, random: Random): number {
  const longest = Math.min(settings.backoffMaxMs, settings.backoffBaseMs * 2 ** failures);
  return Math.ceil(longest * (0.5 + 0.5 * random()));
}
