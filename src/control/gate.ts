/**
 * The gate: the last thing a call passes before it is sent. It joins the limiter and the breaker, keeps those who wait
 * in the order of their coming, and holds one timer, at the first moment at which something can change.
 *
 * All times it gives out are monotonic, but for `BreakerView.retryAt`.
 */
import type { ClaimedJob } from "../domain/job.ts";
import type { Outcome } from "../domain/outcome.ts";
import type { Charge } from "../domain/usage.ts";
import type { Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";
import { Alarm } from "./alarm.ts";
import type { BreakerCommand } from "./breaker/breaker.ts";
import { LiveBreaker } from "./breaker/live-breaker.ts";
import type { BreakerView } from "./breaker/view.ts";
import type { GateEvent, Wait } from "./gate-event.ts";
import type { Limiter } from "./limiter/limiter.ts";
import type { BreakerSettings } from "./limits.ts";
import type { Permit, Reservation } from "./permit.ts";
import { SharedEndpoint } from "./shared/endpoint.ts";
import { ShareHolder } from "./shared/share-holder.ts";
import { readShared } from "./shared/state.ts";
import { WaitNews } from "./wait-news.ts";
import { type Waiter, Waiters } from "./waiters.ts";

/** What the gate needs of the limiter. */
export type GateLimiter = Pick<
  Limiter,
  "admit" | "settle" | "room" | "describe" | "snapshot" | "adopt" | "setPart" | "inUse"
>;

export interface GateOptions {
  clock: Clock;
  random: Random;
  limiter: GateLimiter;
  breaker: BreakerSettings;
  /** What `exchange` gave, in this process or in another; null the first time. */
  saved: string | null;
  /** Of this process, among those that share the endpoint's quota. */
  name: string;
  maxConcurrency: number;
  onEvent(event: GateEvent): void;
}

type Refusal = Extract<ReturnType<GateLimiter["admit"]>, { admitted: false }>;

export class Gate {
  readonly #options: GateOptions;
  readonly #waiters = new Waiters();
  readonly #waitNews = new WaitNews();
  #inFlight = 0;
  /** How many of them have ended and aren't on record yet. */
  #unrecorded = 0;
  readonly #share: ShareHolder;
  readonly #breaker: LiveBreaker;
  readonly #shared: SharedEndpoint;
  readonly #alarm: Alarm;
  /** The limiter's refusal of the job that is next; null when none was refused since the last admission. */
  #refusal: Refusal | null = null;
  /** Events of the state this process started with, told from the first timer. */
  #unannounced: readonly GateEvent[] = [];
  #isShut = false;
  #isResting = false;
  /** What it waited for when it began to rest. */
  #restsFor: Wait | null = null;

  constructor(options: GateOptions) {
    this.#options = options;
    const { clock, random, limiter, breaker: settings, maxConcurrency, saved, name } = options;
    const onEffect = (effect: GateEvent): void => options.onEvent(effect);
    this.#breaker = new LiveBreaker(
      { clock, random, settings, maxConcurrency, onEffect },
      readShared(saved)?.breaker ?? null,
    );
    this.#share = new ShareHolder(name);
    this.#shared = new SharedEndpoint({ clock, limiter, breaker: this.#breaker, share: this.#share });
    this.#alarm = new Alarm(clock, () => this.#onAlarm());
    const now = clock.now();
    this.#unannounced = [...this.#breaker.news, ...this.#waitNews.found(this.#blockedUntil(now), now)];
    this.#arm(now);
  }

  /**
   * Resolves when quota and breaker let this call go; first come, first served. Null where the job is turned away, as the gate is
   * shut or rests.
   */
  admit(job: ClaimedJob, estimate: Charge): Promise<Permit | null> {
    return new Promise((resolve) => {
      if (this.#isShut || this.#isResting) return resolve(null);
      this.#waiters.add({ job, estimate, resolve });
      this.#admitWaiting();
    });
  }

  /** The call has ended, and waits to be recorded. */
  answered(permit: Permit): void {
    permit.answeredAt = this.#options.clock.now();
    this.#unrecorded += 1;
  }

  /**
   * Ends an admitted call, when its end is on record: learns from it and wakes who may go now.
   * @throws Error for a permit that isn't in flight: settling twice is a bug.
   */
  settle(permit: Permit, outcome: Outcome): void {
    if (permit.isSettled) throw new Error(`attempt ${permit.attempt} of job ${permit.job} isn't in flight`);
    permit.isSettled = true;
    this.#inFlight -= 1;
    if (permit.answeredAt !== null) this.#unrecorded -= 1;
    const { clock, limiter } = this.#options;
    const now = clock.now();
    limiter.settle(permit, outcome, now);
    if (outcome.kind === "throttled" || outcome.kind === "exhausted") {
      this.#announce(this.#waitNews.refused(outcome.kind, this.#blockedUntil(now)));
    }
    this.#breaker.see({ type: "ended", permit, outcome });
    this.#admitWaiting();
  }

  /** Calls that were let go and have not ended. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** How many more jobs are worth claiming for the next `horizonMs`, given how many are claimed and have no slot yet. */
  room(horizonMs: number, claimed: number): number {
    if (this.#isShut || this.#isResting) return 0;
    const { clock, limiter } = this.#options;
    const free = this.#breaker.openings;
    const ahead = this.#waiters.size + claimed;
    switch (this.#breaker.phase.name) {
      case "open":
      case "blocked":
        return 0;
      case "half-open":
        return Math.max(0, free - ahead);
      default: {
        // One job always waits here: then the timer tells the drain when quota is back, and nobody has to poll.
        const soon = Math.max(1, Math.min(free, limiter.room(clock.now(), horizonMs)));
        const missing = soon - ahead;
        // Not before half of it is missing, or a paced run would make one transaction for each call.
        return missing >= Math.ceil(soon / 2) ? missing : 0;
      }
    }
  }

  /** Null when nothing is held back. */
  waitingFor(): Wait | null {
    const { phase } = this.#breaker;
    if (phase.name === "open") return { reason: "breaker open", until: phase.dueAt };
    if (phase.name === "blocked") return { reason: phase.message, until: null };
    if (this.#waiters.size === 0) return this.#restsFor;
    if (this.#breaker.openings === 0) return { reason: `breaker ${phase.name}`, until: null };
    if (!this.#refusal) return null;
    const { reason, until } = this.#refusal;
    return { reason, until: Number.isFinite(until) ? until : null };
  }

  /** Before this moment nothing can be sent, as far as is known; now when something can. */
  opensAt(): number {
    const now = this.#options.clock.now();
    const { phase } = this.#breaker;
    return Math.max(this.#blockedUntil(now) ?? now, phase.name === "open" ? phase.dueAt : now);
  }

  breakerState(): BreakerView {
    return this.#breaker.view;
  }

  limiterView(): ReturnType<GateLimiter["describe"]> {
    return this.#options.limiter.describe(this.#options.clock.now());
  }

  /** As {@link SharedEndpoint.exchange}. */
  exchange(saved: string | null): { text: string; accept(): void } {
    const { text, accept } = this.#shared.exchange(saved);
    return {
      text,
      accept: () => {
        accept();
        if (this.#blockedUntil(this.#options.clock.now()) === null) this.#waitNews.lifted();
        this.#admitWaiting();
      },
    };
  }

  /** As {@link SharedEndpoint.leave}. */
  leave(saved: string | null): string {
    return this.#shared.leave(saved);
  }

  /** Opens (until told otherwise), closes or resets the breaker by hand. */
  command(command: BreakerCommand): void {
    this.#breaker.see({ type: "command", command });
    this.#admitWaiting();
  }

  /** Turns away all jobs that wait or come, for good. Calls in flight are still settled. */
  shut(): void {
    this.#isShut = true;
    this.#alarm.cancel();
    this.turnAway();
  }

  /** Turns away all jobs that wait or come, until `wake`. Time goes on: the breaker still tells when it can be probed. */
  rest(): void {
    this.#restsFor = this.waitingFor();
    this.#isResting = true;
    this.turnAway();
  }

  wake(): void {
    this.#isResting = false;
    this.#restsFor = null;
  }

  /** Whether the breaker lets no ordinary call through. */
  get isDown(): boolean {
    return this.#breaker.isDown;
  }

  /** Turns away all jobs that wait now. */
  turnAway(): void {
    for (const { resolve } of this.#waiters.drain()) resolve(null);
  }

  #admitWaiting(): void {
    const { clock, limiter } = this.#options;
    const now = clock.now();
    this.#refusal = null;
    while (this.#waiters.size > 0 && this.#breaker.openings > 0) {
      const place = this.#next();
      const waiter = this.#waiters.at(place);
      const answer = limiter.admit(waiter.estimate, now);
      if (!answer.admitted) {
        this.#refusal = answer;
        this.#share.starved(now);
        this.#announce(this.#waitNews.held(answer));
        break;
      }
      this.#waiters.remove(place);
      this.#grant(waiter, answer.charge, now);
    }
    this.#arm(now);
  }

  /**
   * The place of the next to go: who came first. As a probe: a job that hasn't probed in this outage, one without failures first,
   * or else the one that probed longest ago; the smallest of equals.
   */
  #next(): number {
    const { phase, probed } = this.#breaker;
    if (phase.name !== "half-open") return this.#waiters.first();
    return this.#waiters.lowest(({ job, estimate }) => {
      const doubt = probed.indexOf(job.id) + 1 + (job.failures > 0 ? 0.5 : 0);
      return doubt * 2 ** 50 + estimate.inputTokens + estimate.outputTokens;
    });
  }

  #grant({ job, resolve }: Waiter, charge: Reservation, now: number): void {
    const { epoch, phase } = this.#breaker;
    const probe = phase.name === "half-open";
    const permit = {
      job: job.id,
      attempt: job.attempt,
      failures: job.failures,
      charge,
      admittedAt: now,
      epoch,
      probe,
      answeredAt: null,
      isSettled: false,
    };
    this.#inFlight += 1;
    this.#breaker.see({ type: "admitted", job: job.id, attempt: job.attempt });
    resolve(permit);
  }

  #announce(news: readonly GateEvent[]): void {
    for (const event of news) this.#options.onEvent(event);
  }

  #blockedUntil(now: number): number | null {
    return this.#options.limiter.describe(now).blockedUntil;
  }

  #slotsFull(): boolean {
    if (this.#inFlight < 2) return false;
    const untilACallEnds = this.#refusal?.until === Number.POSITIVE_INFINITY;
    return untilACallEnds || this.#inFlight >= this.#options.maxConcurrency;
  }

  /** At the first moment at which something can change. */
  #arm(now: number): void {
    if (this.#isShut) return;
    this.#alarm.set(
      this.#unannounced.length > 0 ? now : Math.min(this.#nextTick(), this.#refusal?.until ?? Infinity),
    );
  }

  /**
   * When the breaker's next tick is due. After an open breaker's cooldown one process probes first. While answers wait for the job
   * table, full slots are no sign that the provider has stalled.
   */
  #nextTick(): number {
    const { name } = this.#breaker.phase;
    if ((name === "closed" || name === "ramping") && this.#unrecorded > 0) return Number.POSITIVE_INFINITY;
    const at = this.#breaker.nextTick(this.#slotsFull());
    return name === "open" ? this.#share.mayProbeAt(at) : at;
  }

  #onAlarm(): void {
    const news = this.#unannounced;
    this.#unannounced = [];
    this.#announce(news);
    if (this.#options.clock.now() >= this.#nextTick())
      this.#breaker.see({ type: "tick", slotsFull: this.#slotsFull() });
    this.#admitWaiting();
  }
}
