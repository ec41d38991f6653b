import type { Clock } from "../../ports/clock.ts";
import type { LiveBreaker } from "../breaker/live-breaker.ts";
import type { Limiter } from "../limiter/limiter.ts";
import type { LimiterState } from "../limiter/state.ts";
import type { ShareHolder } from "./share-holder.ts";
import { readShared, type SharedState, writeShared } from "./state.ts";

interface SharedEndpointParts {
  clock: Clock;
  limiter: Pick<Limiter, "snapshot" | "adopt" | "setPart" | "inUse">;
  breaker: LiveBreaker;
  share: ShareHolder;
}

/** What processes share of an endpoint: its breaker, what of its quotas is used, and who may use how much of the rest. */
export class SharedEndpoint {
  readonly #parts: SharedEndpointParts;

  constructor(parts: SharedEndpointParts) {
    this.#parts = parts;
  }

  /**
   * The state to write for other and later processes, given what they wrote. Changes nothing yet: `accept` does, once it is
   * written. Call it before the next exchange, which would else report the same use of a day's quota again.
   */
  exchange(saved: string | null): { text: string; accept(): void } {
    const { clock, limiter, breaker, share } = this.#parts;
    const theirs = readShared(saved);
    const now = clock.now();
    const wall = clock.wall();
    const limits = limiter.snapshot(now, wall, theirs?.limiter ?? null);
    const { phase } = breaker;
    const probing = phase.name === "half-open" && phase.leases.length > 0;
    const inUse = limiter.inUse(now);
    const shares = share.renew(theirs?.shares ?? {}, { inUse, now, wall, probing });
    const text = writeShared({ breaker: breaker.merged(theirs?.breaker ?? null), limiter: limits, shares });
    return { text, accept: () => this.#accept(theirs, limits, share.partIn(shares)) };
  }

  /** The state to write at the end, in which this process holds no share of the quota any more. */
  leave(saved: string | null): string {
    const last = readShared(this.exchange(saved).text)!;
    return writeShared({ ...last, shares: this.#parts.share.drop(last.shares) });
  }

  #accept(theirs: SharedState | null, limits: LimiterState, part: number): void {
    const { clock, limiter, breaker, share } = this.#parts;
    const now = clock.now();
    const wall = clock.wall();
    limiter.adopt(limits, now, wall);
    limiter.setPart(part, now);
    share.see(theirs?.shares ?? {}, wall);
    breaker.adopt(theirs?.breaker ?? null);
  }
}
