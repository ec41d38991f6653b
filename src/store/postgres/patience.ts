import type { CancelTimer, Clock } from "../../ports/clock.ts";
import type { Random } from "../../ports/random.ts";
import { isAway } from "./database-error.ts";

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 2_000;
/** How long a database may be away before a process gives up. */
const PATIENCE_MS = 15 * 60_000;
/** What comes up so soon after a process gave up isn't tried: each try may take as long as a connection does. */
const GIVEN_UP_MS = 5_000;

export interface PatienceOptions {
  clock: Clock;
  random: Random;
  /** Whether what is done meanwhile is to be written. */
  writes: boolean;
  /** Told once that the database is away, and once that it is back. */
  tell(text: string): void;
}

/**
 * Waits for a database that is away: restarted, failed over, or behind a broken network. All waits of a process are one, so
 * that it is told once, and can be cut short.
 */
export class Patience {
  readonly #options: PatienceOptions;
  #awaySince: number | null = null;
  /** Nothing is waited for after this moment. */
  #until = Number.POSITIVE_INFINITY;
  /** Why it was given up last, and until when that holds. */
  #givenUp: { error: unknown; until: number } | null = null;
  readonly #wakers = new Set<() => void>();

  constructor(options: PatienceOptions) {
    this.#options = options;
  }

  /** Waits no longer than so much more for a database that is away. */
  hurry(graceMs: number): void {
    this.#until = Math.min(this.#until, this.#options.clock.now() + graceMs);
    for (const wake of [...this.#wakers]) wake();
  }

  /** Does `work` until it doesn't fail for a database that is away. */
  async try<T>(work: () => Promise<T>): Promise<T> {
    const { clock } = this.#options;
    if (this.#givenUp !== null && clock.now() < this.#givenUp.until) throw this.#givenUp.error;
    for (let tries = 0; ; tries += 1) {
      try {
        const value = await work();
        this.#noteBack();
        return value;
      } catch (error) {
        if (!isAway(error)) throw error;
        if (!this.#mayWait(error)) {
          this.#givenUp = { error, until: clock.now() + GIVEN_UP_MS };
          throw error;
        }
        await this.#pause(tries);
      }
    }
  }

  #mayWait(error: unknown): boolean {
    const { clock, writes, tell } = this.#options;
    const now = clock.now();
    if (this.#awaySince === null) {
      this.#awaySince = now;
      const meanwhile = writes ? "what is done is kept, and written when it is back" : "it is waited for";
      tell(`the database is away (${(error as Error).message}); ${meanwhile}`);
    }
    return now < Math.min(this.#until, this.#awaySince + PATIENCE_MS);
  }

  #noteBack(): void {
    if (this.#awaySince === null) return;
    const seconds = Math.round((this.#options.clock.now() - this.#awaySince) / 1_000);
    this.#awaySince = null;
    this.#options.tell(`the database is back after ${seconds} s`);
  }

  #pause(tries: number): Promise<void> {
    const { clock, random } = this.#options;
    const delayMs = Math.min(FIRST_RETRY_MS * 2 ** tries, LONGEST_RETRY_MS) * (0.5 + random());
    return new Promise((resolve) => {
      let cancel: CancelTimer = () => {};
      const wake = (): void => {
        cancel();
        this.#wakers.delete(wake);
        resolve();
      };
      this.#wakers.add(wake);
      cancel = clock.timer(clock.now() + delayMs, wake);
    });
  }
}
