import { LONGEST_THROTTLE_MS } from "../domain/outcome.ts";
import type { GateEvent, Wait } from "./gate-event.ts";

/** Two ends this close are the same: where processes share a day, their clocks put its end some milliseconds apart. */
const SAME_MS = 1_000;
const DAILY: ReadonlySet<string> = new Set(["requestsPerDay", "tokensPerDay"]);

/** Makes one event of each long wait of a limiter, and another one only when its end moves on. All times are monotonic. */
export class WaitNews {
  /** The latest end of a block that an event told. */
  #blockTold = Number.NEGATIVE_INFINITY;
  /** The latest end of a wait for a day's quota that an event told. */
  #spentTold = Number.NEGATIVE_INFINITY;

  /** The block that a process starts with. What kind of refusal made it is not on record, but its length tells. */
  found(until: number | null, now: number): GateEvent[] {
    const isLong = until !== null && until - now > LONGEST_THROTTLE_MS;
    return this.refused(isLong ? "exhausted" : "throttled", until);
  }

  /** A provider's refusal. @param until the end of the block that there is since; null for none */
  refused(type: "throttled" | "exhausted", until: number | null): GateEvent[] {
    if (until === null || until <= this.#blockTold) return [];
    this.#blockTold = until;
    return [{ type, until }];
  }

  /** The block was lifted: a new one is told even if it ends sooner. */
  lifted(): void {
    this.#blockTold = Number.NEGATIVE_INFINITY;
  }

  /** The limiter's own refusal. */
  held({ reason, until }: Wait): GateEvent[] {
    if (until === null || !DAILY.has(reason) || until <= this.#spentTold + SAME_MS) return [];
    this.#spentTold = until;
    return [{ type: "spent", until }];
  }
}
