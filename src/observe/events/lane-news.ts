import type { Gate } from "../../control/gate.ts";
import type { WaitReason } from "../../control/limiter/admission.ts";
import type { QuotaSource } from "../../control/limiter/view.ts";
import type { QuotaDimension } from "../../domain/outcome.ts";
import type { CancelTimer, Clock } from "../../ports/clock.ts";

/** Why the next call of an endpoint isn't sent: what the limiter waits for, or the breaker. */
export type WaitCause = WaitReason | "breaker";

/** What a look at a lane brings up. */
export type LaneNews =
  /**
   * `until` is when the next call may go, by the monotonic clock; null where only the end of a call, or somebody's
   * act, can free it.
   */
  | { type: "waiting"; endpoint: string; reason: WaitCause; until: number | null }
  /** A limit that was learned, or has moved. */
  | { type: "quota"; endpoint: string; quota: LearnedQuota };

export interface LearnedQuota {
  dimension: QuotaDimension;
  per: "minute" | "day";
  limit: number;
  source: Exclude<QuotaSource, "told">;
}

interface WatchedLane {
  endpoint: string;
  gate: Pick<Gate, "waitingFor" | "limiterView">;
}

const LOOK_EVERY_MS = 250;
/** Shorter waits are the ordinary pacing of calls, told once for each stretch of it. A look comes late by its interval. */
const WORTH_TELLING_MS = 1_000 - LOOK_EVERY_MS;
/** A learned limit moves all the time: it is told again when it has moved by so much. */
const WORTH_TELLING_RATIO = 1.25;

/** Looks at lanes four times a second, and tells each wait and each learned limit once. */
export class LaneWatch {
  readonly #clock: Clock;
  readonly #tell: (news: LaneNews) => void;
  #watches: readonly OneLane[] = [];
  #cancel: CancelTimer = () => {};

  constructor(clock: Clock, tell: (news: LaneNews) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  watch(lanes: readonly WatchedLane[]): void {
    this.#watches = lanes.map((lane) => new OneLane(lane, this.#tell));
    this.#lookLater();
  }

  close(): void {
    this.#cancel();
  }

  #lookLater(): void {
    this.#cancel = this.#clock.timer(this.#clock.now() + LOOK_EVERY_MS, () => {
      for (const watch of this.#watches) watch.look(this.#clock.now());
      this.#lookLater();
    });
  }
}

class OneLane {
  readonly #lane: WatchedLane;
  readonly #tell: (news: LaneNews) => void;
  readonly #limits = new Map<string, number>();
  #wait: { reason: WaitCause; since: number; toldUntil: number } | null = null;

  constructor(lane: WatchedLane, tell: (news: LaneNews) => void) {
    this.#lane = lane;
    this.#tell = tell;
  }

  look(now: number): void {
    this.#lookAtWait(now);
    this.#lookAtLimits();
  }

  #lookAtWait(now: number): void {
    const { endpoint, gate } = this.#lane;
    const held = gate.waitingFor();
    if (!held) {
      this.#wait = null;
      return;
    }
    const reason = causeOf(held.reason);
    if (this.#wait?.reason !== reason)
      this.#wait = { reason, since: now, toldUntil: Number.NEGATIVE_INFINITY };
    const { since, toldUntil } = this.#wait;
    const isLong = held.until !== null && held.until - Math.max(now, toldUntil) >= WORTH_TELLING_MS;
    const hasLasted = now - since >= WORTH_TELLING_MS && toldUntil === Number.NEGATIVE_INFINITY;
    if (!isLong && !hasLasted) return;
    this.#wait.toldUntil = held.until ?? now;
    this.#tell({ type: "waiting", endpoint, reason, until: held.until });
  }

  #lookAtLimits(): void {
    const { endpoint, gate } = this.#lane;
    for (const { dimension, per, limit, source } of gate.limiterView().quotas) {
      if (source === "told" || !this.#hasMoved(`${dimension}/${per}`, limit)) continue;
      this.#tell({ type: "quota", endpoint, quota: { dimension, per, limit, source } });
    }
  }

  #hasMoved(name: string, limit: number): boolean {
    const told = this.#limits.get(name);
    if (told !== undefined && Math.max(limit / told, told / limit) < WORTH_TELLING_RATIO) return false;
    this.#limits.set(name, limit);
    return true;
  }
}

const LIMITER_REASONS: readonly string[] = [
  "requests",
  "tokens",
  "inputTokens",
  "outputTokens",
  "requestsPerDay",
  "tokensPerDay",
  "concurrency",
  "startup",
  "share",
  "throttled",
] satisfies WaitReason[];

/** A breaker's own words may hold a provider's message, so it is only named. */
function causeOf(reason: string): WaitCause {
  return LIMITER_REASONS.includes(reason) ? (reason as WaitReason) : "breaker";
}
