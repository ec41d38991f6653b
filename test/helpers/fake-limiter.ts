import type { GateLimiter } from "../../src/control/gate.ts";
import type { Reservation } from "../../src/control/permit.ts";
import type { Outcome } from "../../src/domain/outcome.ts";
import type { Charge } from "../../src/domain/usage.ts";

/** A limiter of so many slots, which a test can shut until a moment of its choice. */
export class FakeLimiter implements GateLimiter {
  slots: number;
  blockedUntil: number | null = null;
  admitted = 0;
  settled = 0;
  /** Calls of `admit`: what the gate's work grows with. */
  asked = 0;

  constructor(slots = Number.POSITIVE_INFINITY) {
    this.slots = slots;
  }

  admit({ inputTokens, outputTokens }: Charge, now: number): ReturnType<GateLimiter["admit"]> {
    this.asked += 1;
    if (this.blockedUntil !== null && now < this.blockedUntil) {
      return { admitted: false, until: this.blockedUntil, reason: "throttled" };
    }
    if (this.admitted - this.settled >= this.slots) {
      return { admitted: false, until: Number.POSITIVE_INFINITY, reason: "concurrency" };
    }
    this.admitted += 1;
    const charge: Reservation = { inputTokens, outputTokens, guessedInputTokens: inputTokens };
    return { admitted: true, charge };
  }

  settle(_permit: unknown, { kind, retryAfterMs }: Outcome, now: number): void {
    this.settled += 1;
    if (kind === "throttled" || kind === "exhausted") this.blockedUntil = now + (retryAfterMs ?? 1_000);
  }

  room(now: number): number {
    if (this.blockedUntil !== null && now < this.blockedUntil) return 0;
    return this.slots - (this.admitted - this.settled);
  }

  describe(now: number): ReturnType<GateLimiter["describe"]> {
    return {
      quotas: [],
      concurrency: { limit: this.slots, inFlight: this.admitted - this.settled },
      factor: 1,
      admitted: this.admitted,
      refused: 0,
      blockedUntil: this.blockedUntil !== null && now < this.blockedUntil ? this.blockedUntil : null,
    };
  }

  adopt(): void {}

  setPart(): void {}

  inUse(): number {
    return 1;
  }

  /** Nothing of it is shared. */
  snapshot(): ReturnType<GateLimiter["snapshot"]> {
    return {} as ReturnType<GateLimiter["snapshot"]>;
  }
}
