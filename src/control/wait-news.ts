import { LONGEST_THROTTLE_MS } from "../domain/outcome.ts";
import type { GateEvent, Wait } from "./gate-event.ts";

/** Where processes share a day, its end wavers by the milliseconds that two clocks are read apart. */
const SAME_MS = 1_000;
const DAILY: ReadonlySet<string> = new Set(["requestsPerDay", "tokensPerDay"]);

/** Makes events of a limiter's long waits, one of each: another only when its end moves on. All times are monotonic. */
export class WaitNews {
  /** The latest end of a block that was told. */
  #blockTold = Number.NEGATIVE_INFINITY;
  /** The latest end of a wait for a quota of the day that was told. */
  #spentTold = Number.NEGATIVE_INFINITY;

  /** The block that a process starts with: what refused the calls is not on record, but how long it still takes tells it. */
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

  /** The block was lifted: one that ends sooner is news. */
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
