import type { Outcome, QuotaDimension, QuotaReport } from "../../domain/outcome.ts";
import type { Charge, ChargingProfile } from "../../domain/usage.ts";
import type { Random } from "../../ports/random.ts";
import type { Limits } from "../limits.ts";
import type { Permit, Reservation } from "../permit.ts";
import { Acceptance } from "./acceptance.ts";
import type { Admission, LimiterWait } from "./admission.ts";
import { DayQuotas } from "./day-quotas.ts";
import { Estimates } from "./estimates.ts";
import { InFlight } from "./in-flight.ts";
import { MinuteQuotas } from "./minute-quotas.ts";
import { Pace, type Refusal } from "./pace.ts";
import { LIMITER_RULES } from "./rules.ts";
import { type LimiterState, onClock, onMonotonic } from "./state.ts";
import { Throttle, type Waits } from "./throttle.ts";
import { toldLimits } from "./told.ts";
import type { LimiterView, QuotaView } from "./view.ts";
import { DAY_MS, MINUTE_MS } from "./window.ts";

/** Waits between probes where the provider gives no hint: after a rate limit, and after a quota used up for long. */
const THROTTLED_WAITS: Waits = { firstMs: 1_000, longestMs: 60_000 };
const EXHAUSTED_WAITS: Waits = { firstMs: 900_000, longestMs: 3_600_000 };

/** A refusal may come in when this process has no part of the quota any more: it counts as sent under this one. */
const LEAST_PART = 0.01;

/** The weight of the latest call in the running means that `room` goes by. */
const MEAN_WEIGHT = 0.05;

export interface LimiterOptions {
  now: number;
  wall: number;
  /** How the provider counts. Default `used`. */
  profile?: ChargingProfile;
  /** Slots of this process: no more calls can be in flight. */
  maxConcurrency: number;
  random: Random;
  saved?: LimiterState | null;
}

/**
 * Says whether a call may go now, so that an endpoint's quotas are used and not passed. Learns the quotas nobody told, from
 * headers, refusals and throughput. Ask again after every {@link Limiter.settle}, or at `until`.
 */
export class Limiter {
  /** What the user's `--share` leaves us of every quota, above 0 and up to 1. */
  readonly #share: number;
  readonly #random: Random;
  readonly #estimates: Estimates;
  readonly #pace: Pace;
  readonly #minutes: MinuteQuotas;
  readonly #days: DayQuotas;
  readonly #throttle: Throttle;
  readonly #inFlight: InFlight;
  /** Requests the provider let in, as far as is known. */
  readonly #accepted: Acceptance;
  #advancedAt: number;
  /** When the latest call was admitted whose headers were taken in. */
  #heardUpTo = Number.NEGATIVE_INFINITY;
  /** The part of it that is this process's, while others use the rest: 0 to 1. */
  #part = 1;
  #admitted = 0;
  #refused = 0;
  #meanLatencyMs = 0;
  #meanCharge: Charge = { inputTokens: 0, outputTokens: 0 };

  constructor(
    limits: Limits,
    { now, wall, profile = "used", maxConcurrency, random, saved }: LimiterOptions,
  ) {
    // Its parts go on from it in place.
    const state = saved ? onMonotonic(structuredClone(saved), now, wall) : null;
    const openedAt = Math.min(now, state?.at ?? now);
    const told = toldLimits(limits);
    this.#share = limits.share;
    this.#random = random;
    this.#estimates = new Estimates(profile, state?.estimates ?? null);
    this.#pace = new Pace(limits.share, state?.pace ?? null);
    this.#minutes = new MinuteQuotas(this.#pace, state?.levels ?? {});
    for (const [dimension, limit] of told.minutes) this.#minutes.set(dimension, limit, "told", openedAt);
    for (const [dimension, limit] of Object.entries(state?.headerLimits ?? {}))
      this.#minutes.set(dimension as QuotaDimension, limit, "headers", openedAt);
    this.#followPace(openedAt);
    this.#days = new DayQuotas(told.days, state?.days ?? {});
    this.#throttle = new Throttle(state?.throttle ?? null);
    const blockedUntil = state?.throttle.until ?? openedAt;
    if (blockedUntil > openedAt) this.#minutes.emptyUntil(blockedUntil);
    this.#inFlight = new InFlight({
      ceiling: Math.min(maxConcurrency, told.concurrency ?? maxConcurrency),
      share: limits.share,
      search: told.concurrency === null && !this.#minutes.any,
      now,
      saved: state?.inFlight ?? null,
    });
    this.#accepted = new Acceptance(openedAt);
    this.#advancedAt = openedAt;
    this.#advance(now);
    this.#minutes.startGently();
  }

  /**
   * All or nothing over every quota and the calls in flight. What it admits is charged at once, and has to be settled.
   * @param estimate as the provider adapter guesses it: `outputTokens` is `max_tokens`, or 0 where that isn't set.
   */
  admit(estimate: Charge, now: number): Admission {
    this.#advance(now);
    const charge = this.#estimates.reserve(estimate);
    const wait = this.#findWait(charge, now);
    if (wait) return { admitted: false, ...wait };
    this.#take(charge, now);
    return { admitted: true, charge };
  }

  /** Ends an admitted call: gives back what was reserved too much, and learns from the outcome. Once for each admission. */
  settle({ charge, admittedAt }: Pick<Permit, "charge" | "admittedAt">, outcome: Outcome, now: number): void {
    this.#advance(now);
    this.#inFlight.ended();
    this.#trueUp(charge, outcome, now);
    const { gate, load } = LIMITER_RULES[outcome.kind];
    if (gate === "refused") this.#refuse(admittedAt, outcome, now);
    if (gate === "passed") this.#throttle.passed(admittedAt);
    if (gate === "unknown") this.#throttle.vanished(admittedAt);
    if (load === "answered") this.#answer(admittedAt, now);
    if (load === "failed") this.#inFlight.failed();
    if (outcome.kind === "overloaded") this.#inFlight.overloaded(admittedAt, now);
    // After the refusal: a limit that has moved explains it, and is a better guide than the cut.
    this.#hear(outcome.quota, admittedAt, now);
  }

  /** Sets the part of every quota that this process may use, while others use the rest. */
  setPart(part: number, now: number): void {
    this.#advance(now);
    this.#part = part;
    this.#minutes.part = part;
    this.#pace.isAlone = part === 1;
    this.#days.part = part;
    this.#inFlight.part = part;
  }

  /** The part of the quota, or of the calls in flight, that is in use: the largest of all dimensions. */
  inUse(now: number): number {
    this.#advance(now);
    const quotas = this.#quotaViews(now).map(({ used }) => used);
    return Math.max(this.#inFlight.inUse, ...quotas);
  }

  /** How many more calls could start within a time from now on: what to claim ahead. */
  room(now: number, horizonMs: number): number {
    this.#advance(now);
    if (this.#part === 0) return 0;
    const opensAt = this.#throttle.opensAt(now);
    if (opensAt > now + horizonMs) return 0;
    const { limit, count } = this.#inFlight;
    const freed = this.#meanLatencyMs > 0 ? (limit * horizonMs) / this.#meanLatencyMs : 0;
    const slots = this.#throttle.probing ? 1 : limit - count + freed;
    const quotas = Math.min(
      this.#minutes.room(this.#meanCharge, horizonMs),
      this.#days.room(this.#meanCharge),
    );
    return Math.max(0, Math.floor(Math.min(slots, quotas)));
  }

  describe(now: number): LimiterView {
    this.#advance(now);
    const opensAt = this.#throttle.opensAt(now);
    return {
      quotas: this.#quotaViews(now),
      concurrency: { limit: this.#inFlight.limit, inFlight: this.#inFlight.count },
      factor: this.#pace.factor,
      admitted: this.#admitted,
      refused: this.#refused,
      blockedUntil: opensAt > now ? opensAt : null,
    };
  }

  /**
   * The state to keep for later processes, which get it as `saved`, and to share with others.
   * @param shared what they wrote last: their use of the days is counted in, and a block that was ended by hand stays so.
   */
  snapshot(now: number, wall: number, shared: LimiterState | null): LimiterState {
    this.#advance(now);
    const others = shared && onMonotonic(shared, now, wall);
    const state: LimiterState = {
      at: now,
      levels: this.#minutes.levels,
      headerLimits: this.#minutes.headerLimits,
      days: this.#days.statesWith(others?.days ?? {}, now),
      pace: this.#pace.state,
      inFlight: this.#inFlight.state,
      throttle: this.#throttle.stateWith(others?.throttle ?? null),
      estimates: this.#estimates.state,
      quotas: this.#quotaViews(now),
    };
    return onClock(state, wall - now);
  }

  /** Takes over the days, and the end of a block, as `snapshot` gave them, once that is written. */
  adopt(written: LimiterState, now: number, wall: number): void {
    const { days, throttle } = onMonotonic(written, now, wall);
    this.#days.adopt(days);
    if (this.#throttle.adopt(throttle)) this.#minutes.refillFrom(now);
  }

  #quotaViews(now: number): QuotaView[] {
    return [...this.#minutes.views(now), ...this.#days.views()];
  }

  #advance(now: number): void {
    const elapsedMs = Math.max(0, now - this.#advancedAt);
    this.#pace.advance(elapsedMs, this.#accepted.latelyPerMinute(now));
    this.#minutes.refill(now);
    this.#inFlight.advance(elapsedMs);
    this.#advancedAt = now;
  }

  #findWait(charge: Charge, now: number): LimiterWait | null {
    const opensAt = this.#throttle.opensAt(now);
    if (opensAt > now) return { until: opensAt, reason: "throttled" };
    if (this.#part === 0) return { until: Number.POSITIVE_INFINITY, reason: "share" };
    if (this.#inFlight.isFull()) {
      return {
        until: Number.POSITIVE_INFINITY,
        reason: this.#inFlight.searching ? "startup" : "concurrency",
      };
    }
    const day = this.#days.longestWait(charge, now);
    if (day?.until === Number.POSITIVE_INFINITY) return { until: day.until, reason: "share" };
    if (day) return { until: day.until, reason: `${day.dimension}PerDay` };
    const minute = this.#minutes.longestWait(charge, now);
    return minute && { until: now + minute.waitMs, reason: minute.dimension };
  }

  #take(charge: Reservation, now: number): void {
    this.#minutes.take(charge, now);
    this.#days.take(charge, now);
    this.#throttle.admitted(now);
    this.#inFlight.started();
    this.#pace.sent(now);
    // In units of the whole quota, so that what is learned holds for all processes together.
    this.#accepted.add(1 / this.#part, now);
    this.#admitted++;
    this.#meanCharge = {
      inputTokens: mean(this.#meanCharge.inputTokens, charge.inputTokens),
      outputTokens: mean(this.#meanCharge.outputTokens, charge.outputTokens),
    };
  }

  #trueUp(charge: Reservation, { kind, answer }: Outcome, now: number): void {
    const { spent } = LIMITER_RULES[kind];
    if (spent === "reserved" || (spent === "reported" && !answer)) return;
    const used = answer ? this.#estimates.charged(charge, answer.usage) : NOTHING;
    if (answer) this.#estimates.learn(charge, answer.usage);
    this.#minutes.trueUp(charge, used, now);
    this.#days.trueUp(charge, used);
  }

  /** Learns from headers. Replies overtake each other, and what came with an earlier call is old. */
  #hear(quota: readonly QuotaReport[], admittedAt: number, now: number): void {
    if (quota.length === 0 || admittedAt < this.#heardUpTo) return;
    this.#heardUpTo = admittedAt;
    for (const report of quota) {
      if (report.windowMs >= DAY_MS) this.#days.hear(report, now);
      else this.#hearMinute(report, now);
    }
  }

  #hearMinute({ dimension, limit, remaining, windowMs }: QuotaReport, now: number): void {
    if (limit !== undefined && limit > 0) {
      const wasKnown = this.#minutes.known;
      const moved = this.#minutes.hear(dimension, (limit * this.#share * MINUTE_MS) / windowMs, now);
      if (moved || !wasKnown) this.#pace.restart();
      this.#inFlight.endSearch();
    }
    if (remaining !== undefined) this.#minutes.find(dimension)?.bucket.lowerTo(remaining * this.#part);
  }

  #answer(admittedAt: number, now: number): void {
    this.#inFlight.answered(admittedAt, now);
    this.#meanLatencyMs = mean(this.#meanLatencyMs, now - admittedAt);
  }

  #refuse(admittedAt: number, { kind, retryAfterMs }: Outcome, now: number): void {
    this.#refused++;
    this.#accepted.add(-1 / Math.max(this.#part, LEAST_PART), now);
    const exhausted = kind === "exhausted";
    const isHinted = exhausted || retryAfterMs !== null;
    if (!isHinted && this.#pace.bears()) return;
    const waits = exhausted ? EXHAUSTED_WAITS : THROTTLED_WAITS;
    const tooFast = this.#throttle.refused(admittedAt, now, retryAfterMs, waits, this.#random);
    if (tooFast && !exhausted) this.#cut({ ...this.#accepted.rates(now), now, isHinted });
    else this.#pace.echoed();
    this.#minutes.emptyUntil(this.#throttle.opensAt(now));
  }

  #cut(refusal: Refusal): void {
    if (this.#minutes.known) {
      this.#pace.cutFactor(refusal);
      return;
    }
    this.#pace.cutLearned(refusal);
    this.#followPace(refusal.now);
    this.#inFlight.endSearch();
  }

  #followPace(now: number): void {
    const { requestsPerMinute } = this.#pace;
    if (requestsPerMinute !== null) this.#minutes.set("requests", requestsPerMinute, "learned", now);
  }
}

const NOTHING: Charge = { inputTokens: 0, outputTokens: 0 };

function mean(before: number, latest: number): number {
  return before === 0 ? latest : before + (latest - before) * MEAN_WEIGHT;
}
