import type { QuotaDimension } from "../../domain/outcome.ts";
import type { Charge } from "../../domain/usage.ts";
import { Bucket } from "./bucket.ts";
import { costOf, unusedOf } from "./charge.ts";
import { Meter } from "./meter.ts";
import type { Pace } from "./pace.ts";
import type { QuotaSource, QuotaView } from "./view.ts";

/** What we use of a limit. A learned one moves by itself; the provider's word is given more room than the user's. */
const HEADROOM: Readonly<Record<QuotaSource, number>> = { told: 0.98, headers: 0.95, learned: 1 };

/** A limit that differs by less is the same one: some providers' limits tremble. */
const MOVED = 0.1;

interface MinuteQuota {
  dimension: QuotaDimension;
  source: QuotaSource;
  /** Units per minute, the share taken off; not yet the headroom. */
  limit: number;
  bucket: Bucket;
  meter: Meter;
}

/** The quotas per minute: a charge is taken from all of them or from none. */
export class MinuteQuotas {
  /** The part of each quota that is this process's, above 0 and up to 1. */
  part = 1;
  readonly #quotas: MinuteQuota[] = [];
  readonly #pace: Pace;
  readonly #levels: Partial<Record<QuotaDimension, number>>;

  /** @param levels what was left of each dimension's quota where one was saved. */
  constructor(pace: Pace, levels: Partial<Record<QuotaDimension, number>>) {
    this.#pace = pace;
    this.#levels = levels;
  }

  /** Whether a limit was told by anyone, so that there is no need to search for one. */
  get known(): boolean {
    return this.#quotas.some(({ source }) => source !== "learned");
  }

  get any(): boolean {
    return this.#quotas.length > 0;
  }

  get headerLimits(): Partial<Record<QuotaDimension, number>> {
    const entries = this.#quotas.filter(({ source }) => source === "headers");
    return Object.fromEntries(entries.map(({ dimension, limit }) => [dimension, limit]));
  }

  get levels(): Partial<Record<QuotaDimension, number>> {
    return Object.fromEntries(this.#quotas.map(({ dimension, bucket }) => [dimension, bucket.level]));
  }

  find(dimension: QuotaDimension): MinuteQuota | undefined {
    return this.#quotas.find((quota) => quota.dimension === dimension);
  }

  /** Sets a limit, unless the user told one for this dimension. */
  set(dimension: QuotaDimension, limit: number, source: QuotaSource, now: number): void {
    const quota = this.find(dimension);
    if (!quota) {
      const bucket = new Bucket(limit * HEADROOM[source], now, this.#levels[dimension] ?? null);
      this.#quotas.push({ dimension, source, limit, bucket, meter: new Meter(now, 10) });
    } else if (quota.source !== "told") {
      quota.limit = limit;
      quota.source = source;
    }
  }

  /** Takes a limit from headers. Returns whether it has moved, so that what was learned under the old one is void. */
  hear(dimension: QuotaDimension, limit: number, now: number): boolean {
    const before = this.find(dimension);
    const moved = before?.source === "headers" && Math.abs(limit / before.limit - 1) > MOVED;
    this.set(dimension, limit, "headers", now);
    return moved;
  }

  startGently(): void {
    for (const { bucket } of this.#quotas) bucket.startGently();
  }

  refill(now: number): void {
    for (const quota of this.#quotas) quota.bucket.refill(now, this.#ratePerMinute(quota));
  }

  /** The quota that has to be waited for longest, after a refill; null when the charge may be taken. */
  longestWait(charge: Charge, now: number): { dimension: QuotaDimension; waitMs: number } | null {
    let longest: { dimension: QuotaDimension; waitMs: number } | null = null;
    for (const { dimension, bucket } of this.#quotas) {
      const waitMs = bucket.waitMs(costOf(dimension, charge), now);
      if (waitMs > (longest?.waitMs ?? 0)) longest = { dimension, waitMs };
    }
    return longest;
  }

  take(charge: Charge, now: number): void {
    for (const { dimension, bucket, meter } of this.#quotas) {
      const cost = costOf(dimension, charge);
      bucket.take(cost);
      meter.add(cost, now);
    }
  }

  /** Gives back, or takes, the difference between what was reserved and what was used. Requests are never given back. */
  trueUp(taken: Charge, used: Charge, now: number): void {
    for (const { dimension, bucket, meter } of this.#quotas) {
      const unused = unusedOf(dimension, taken, used);
      bucket.give(unused);
      meter.add(-unused, now);
    }
  }

  /** Empties the buckets until a pause is over. */
  emptyUntil(until: number): void {
    for (const { bucket } of this.#quotas) bucket.emptyUntil(until);
  }

  /** Ends a pause before its time. */
  refillFrom(now: number): void {
    for (const { bucket } of this.#quotas) bucket.refillFrom(now);
  }

  /** How many calls of an average charge could start within a time, if nothing else held them. */
  room(average: Charge, horizonMs: number): number {
    const rooms = this.#quotas.map((quota) => {
      const units = quota.bucket.level + (this.#ratePerMinute(quota) / 60_000) * horizonMs;
      const cost = Math.max(1, costOf(quota.dimension, average));
      return units >= quota.bucket.capacity ? Math.max(1, units / cost) : units / cost;
    });
    return Math.min(...rooms);
  }

  views(now: number): QuotaView[] {
    return this.#quotas.map((quota) => {
      const { dimension, source, bucket, meter } = quota;
      const limit = source === "learned" ? this.#ratePerMinute(quota) : quota.limit;
      const used = meter.perMinute(now) / limit;
      return { dimension, per: "minute", source, limit, level: bucket.level, used, resetAt: null };
    });
  }

  #ratePerMinute({ source, limit }: MinuteQuota): number {
    if (source === "learned") return this.part * (this.#pace.requestsPerMinute ?? limit);
    return this.part * limit * HEADROOM[source] * this.#pace.factor;
  }
}
