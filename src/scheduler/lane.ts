import PQueue from "p-queue";
import type { RetryRules } from "../control/decide.ts";
import type { Gate } from "../control/gate.ts";
import type { GateEvent } from "../control/gate-event.ts";
import type { ClaimedJob } from "../domain/job.ts";
import type { CancelTimer, Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";
import type { GroupSet, Queue, Store } from "../ports/store.ts";
import { type AttemptContext, attempt } from "./attempt.ts";
import type { BudgetWatch } from "./budget-watch.ts";
import type { Observer } from "./events.ts";
import { Exchange } from "./exchange.ts";
import { Fifo } from "./fifo.ts";
import type { Outlet } from "./outlet.ts";
import { Slots } from "./slots.ts";
import type { StopSwitch } from "./stop.ts";

/** How far ahead claims are made: long enough to hide a commit, short enough that little is in doubt after a crash. */
const CLAIM_AHEAD_MS = 500;
/**
 * The window of claimed jobs is filled up to four for each slot when it holds less than one for each. Slots above this number don't
 * count: 512 jobs hide a commit at any speed, and claims of thousands hold up the replies that come in meanwhile.
 */
const MOST_SLOTS_COUNTED = 128;
const FULL_PER_SLOT = 4;

/** A claim older than this may have been taken over while this process was stopped: before it is sent, the store is asked. */
const FRESH_MS = 1_000;

/** A lane rests for waits longer than this; shorter ones are the ordinary pacing of calls. */
const WORTH_RESTING_MS = 2_000;
/**
 * A lane that can't send for longer counts as away, and lanes of later stages take its rows. A wait for a quota per minute is never
 * so long.
 */
const AWAY_MS = 5 * 60_000;

export interface LaneOptions {
  store: Store;
  run: string;
  outlet: Outlet;
  gate: Gate;
  /** What the run and its groups may use, over all lanes. */
  budget: BudgetWatch;
  /** The queues that may be claimed from now, see `Lanes.sourcesOf`. */
  sources(): readonly Queue[];
  /** See `Lanes.hasRelief`. */
  hasRelief(): boolean;
  /** See `Lanes.hasPeer`. */
  hasPeer(): boolean;
  stageAfter(job: ClaimedJob): number | null;
  /** Most characters of the rows in hand; one row is allowed whatever its length. */
  windowCharacters: number;
  rules: RetryRules;
  clock: Clock;
  random: Random;
  stop: StopSwitch;
  observe: Observer;
  /** The lane has nothing in hand. */
  onQuiet(): void;
  onError(error: unknown): void;
}

/**
 * The jobs of one endpoint on their way: claimed, one slot each, through the gate, sent, recorded. While it can send
 * nothing for long, and another lane can, it rests: what it holds is given back, and nothing is claimed.
 */
export class Lane {
  readonly exchange: Exchange;
  readonly #options: LaneOptions;
  readonly #context: AttemptContext;
  readonly #queue: PQueue<Fifo>;
  readonly #slots: Slots;
  #inHand = 0;
  #charactersInHand = 0;
  #claiming = false;
  /** Something happened while a claim was under way: look again after it. */
  #changed = false;
  #isShut = false;
  #isResting = false;
  /** Rests for longer than `AWAY_MS`. */
  #isAway = false;
  /** Which of the sources is claimed from first: each in its turn. */
  #turn = 0;
  #cancelWake: CancelTimer = () => {};
  #cancelRest: CancelTimer = () => {};

  constructor(options: LaneOptions) {
    this.#options = options;
    // Made once: a copy for each call took more memory than the call itself.
    this.#context = { ...options, signal: options.stop.signal, onAdmitted: () => this.refill() };
    const { concurrency, provider } = options.outlet;
    this.exchange = new Exchange({ ...options, endpoint: provider.endpoint });
    this.#queue = new PQueue({ concurrency, queueClass: Fifo });
    this.#slots = new Slots(concurrency, options.clock.now());
  }

  get endpoint(): string {
    return this.#options.outlet.provider.endpoint;
  }

  /** The model it asks for; null where its API needs none. */
  get model(): string | null {
    return this.#options.outlet.provider.model;
  }

  get gate(): Gate {
    return this.#options.gate;
  }

  get stage(): number {
    return this.#options.outlet.stage;
  }

  /** The models of rows that it serves. */
  get models(): readonly (string | null)[] {
    return this.#options.outlet.models;
  }

  /** Whether others may take its rows: the breaker lets no ordinary call through, or a quota is used up for long. */
  get isAway(): boolean {
    return this.#isAway || this.#options.gate.isDown;
  }

  /** Whether jobs are in hand, or being claimed. */
  get isBusy(): boolean {
    return this.#inHand > 0 || this.#claiming;
  }

  /** Pauses the queue while the breaker is open, then looks what can be claimed. */
  onGate(event: GateEvent): void {
    // A shut lane drains its window through the shut gate: a paused queue would hold up the end of the run.
    if (this.#isShut) return;
    if (event.type === "opened" || event.type === "blocked") this.#queue.pause();
    else if (event.type === "half-open" || event.type === "ramping" || event.type === "closed") {
      this.#wake();
      this.#queue.start();
    }
    this.refill();
  }

  /** Gives back what it holds if it can't send for a while and another lane can. Called each second. */
  reconsider(): void {
    if (this.#isResting || this.#isShut || !this.#options.hasRelief()) return;
    const { gate, clock } = this.#options;
    const wait = gate.waitingFor();
    const leftMs = wait?.until ? wait.until - clock.now() : 0;
    const isProbing = gate.breakerState().state === "half-open";
    if (gate.isDown && !isProbing) this.#rest(null);
    else if (wait?.until && leftMs > WORTH_RESTING_MS) {
      this.#isAway = leftMs > AWAY_MS;
      this.#rest(wait.until);
    }
  }

  /** Gives back what it holds and claims nothing until `until`; null stands for when the breaker lets calls through again. */
  #rest(until: number | null): void {
    this.#isResting = true;
    this.#options.gate.rest();
    this.#queue.start();
    if (until !== null) this.#cancelRest = this.#options.clock.timer(until, () => this.#wake());
  }

  #wake(): void {
    if (!this.#isResting) return;
    this.#cancelRest();
    this.#isResting = false;
    this.#isAway = false;
    this.#options.gate.wake();
    this.refill();
  }

  /** What waits at the gate is given back. */
  turnAway(): void {
    this.#options.gate.turnAway();
  }

  /** No more claims; what waits at the gate or in the window is given back. */
  shut(): void {
    this.#isShut = true;
    this.#cancelWake();
    this.#cancelRest();
    this.#options.gate.shut();
    this.#queue.start();
  }

  /** Claims what can start soon, if the window is low. Safe to call at any time. */
  refill(): void {
    if (this.#claiming) {
      this.#changed = true;
      return;
    }
    const wanted = this.#wanted();
    if (wanted <= 0 || this.#isShut || this.#isResting) return;
    this.#claiming = true;
    this.#changed = false;
    this.#claim(wanted).catch((error) => this.#endClaim(error));
  }

  #endClaim(error: unknown): void {
    this.#claiming = false;
    this.#options.onError(error);
    if (!this.isBusy) this.#options.onQuiet();
  }

  #wanted(): number {
    const { gate, outlet, budget } = this.#options;
    const low = Math.min(outlet.concurrency, MOST_SLOTS_COUNTED);
    const claimed = this.#queue.size;
    if (claimed >= low || this.#charactersLeft <= 0) return 0;
    if (!budget.isOpen) return 0;
    return Math.min(gate.room(CLAIM_AHEAD_MS, claimed), low * FULL_PER_SLOT - claimed);
  }

  get #charactersLeft(): number {
    return this.#options.windowCharacters - this.#charactersInHand;
  }

  async #claim(wanted: number): Promise<void> {
    const { clock, budget, onQuiet } = this.#options;
    const claimed = await this.#claimFrom(this.#options.sources(), wanted);
    const nextAt = claimed === 0 ? await this.nextAvailableAt(budget.closed) : null;
    this.#claiming = false;
    if (nextAt !== null) this.#wakeAt(clock.now() + nextAt - clock.wall());
    if (claimed > 0 || this.#changed) this.refill();
    if (!this.isBusy) onQuiet();
  }

  /**
   * Each source is first in its turn, so that none starves another.
   * @returns how many were claimed
   */
  async #claimFrom(sources: readonly Queue[], wanted: number): Promise<number> {
    const { store, run, budget } = this.#options;
    this.#turn += 1;
    let missing = wanted;
    for (let at = 0; at < sources.length && missing > 0 && this.#charactersLeft > 0; at++) {
      const queue = sources[(this.#turn + at) % sources.length]!;
      const jobs = await store.claim(run, queue, missing, {
        maxCharacters: this.#charactersLeft,
        closed: budget.closed,
      });
      this.#takeInHand(jobs);
      missing -= jobs.length;
    }
    return wanted - missing;
  }

  #takeInHand(jobs: readonly ClaimedJob[]): void {
    const { clock, onError } = this.#options;
    const claimedAt = clock.now();
    this.#inHand += jobs.length;
    for (const job of jobs) {
      this.#charactersInHand += job.row.length;
      this.#queue.add(() => this.#work(job, claimedAt)).catch(onError);
    }
  }

  /**
   * Wall clock at which the next job is due that it could claim, `closed` groups left out: 0 when one is ready, null when none is
   * pending.
   */
  async nextAvailableAt(closed: GroupSet): Promise<number | null> {
    const { store, run, sources } = this.#options;
    const times = await Promise.all(sources().map((queue) => store.nextAvailableAt(run, queue, closed)));
    const known = times.filter((at) => at !== null);
    return known.length === 0 ? null : Math.min(...known);
  }

  /** The groups whose jobs it could claim, now or later. */
  async pendingGroups(): Promise<ReadonlySet<string>> {
    const { store, run, sources } = this.#options;
    const groups = await Promise.all(sources().map((queue) => store.pendingGroups(run, queue)));
    return new Set(groups.flatMap((some) => [...some]));
  }

  /** Looks again at `at`, when the next retry is due. */
  #wakeAt(at: number): void {
    if (this.#isShut) return;
    this.#cancelWake();
    this.#cancelWake = this.#options.clock.timer(at, () => this.refill());
  }

  async #work(job: ClaimedJob, claimedAt: number): Promise<void> {
    const { store, clock, onError, onQuiet } = this.#options;
    const startedAt = clock.now();
    const slotFreeAt = this.#slots.take(startedAt);
    try {
      // At the end claims are given back without asking the store whether they still hold.
      if (this.#isShut) await store.release([job]);
      else if (startedAt - claimedAt < FRESH_MS || (await store.holds(job)))
        await attempt(job, slotFreeAt, this.#context);
    } catch (error) {
      onError(error);
    }
    this.#slots.free(clock.now());
    this.#inHand -= 1;
    this.#charactersInHand -= job.row.length;
    this.refill();
    if (!this.isBusy) onQuiet();
  }
}
