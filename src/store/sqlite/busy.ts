import type { Clock } from "../../ports/clock.ts";
import type { Random } from "../../ports/random.ts";
import { isBusy } from "./database-error.ts";

export interface Pacing {
  clock: Clock;
  random: Random;
}

const PATIENCE_MS = 30_000;
const RETRY_MS = 10;

/**
 * Does `work` as soon as no other process holds the database's lock. SQLite's own busy wait would block the
 * event loop, and with it every timer and answer, so the wait is ours.
 * @throws The SQLITE_BUSY error after 30 s of trying.
 */
export async function whenFree<T>(work: () => T, { clock, random }: Pacing): Promise<T> {
  const giveUpAt = clock.now() + PATIENCE_MS;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || clock.now() >= giveUpAt) throw error;
    }
    const retryAt = clock.now() + RETRY_MS * (0.5 + random());
    await new Promise<void>((resolve) => clock.timer(retryAt, resolve));
  }
}
