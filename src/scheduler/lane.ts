import PQueue from "p-queue";
import type { RetryRules } from "../control/decide.ts";
import type { Gate, GateEvent } from "../control/gate.ts";
import type { ClaimedJob } from "../domain/job.ts";
import type { CancelTimer, Clock } from "../ports/clock.ts";
import type { Provider } from "../ports/provider.ts";
import type { Random } from "../ports/random.ts";
import type { Store } from "../ports/store.ts";
import { attempt } from "./attempt.ts";
import type { Observer } from "./events.ts";
import { Slots } from "./slots.ts";
import type { StopSwitch } from "./stop.ts";

/** How far ahead claims are made: long enough to hide a commit, short enough that little is in doubt after a crash. */
const CLAIM_AHEAD_MS = 250;
/** The window of claimed jobs, as multiples of the concurrency: refilled below the first, up to the second. */
const LOW_WATERMARK = 1;
const HIGH_WATERMARK = 4;

export interface LaneOptions {
  store: Store;
  run: string;
  /** The model the lane's rows name; null for rows that name none. */
  model: string | null;
  provider: Provider;
  gate: Gate;
  concurrency: number;
  rules: RetryRules;
  clock: Clock;
  random: Random;
  stop: StopSwitch;
  observe: Observer;
  /** The lane has nothing in hand. */
  onQuiet(): void;
  onError(error: unknown): void;
}

/** The jobs of one endpoint on their way: claimed, one slot each, through the gate, sent, recorded. */
export class Lane {
  readonly #options: LaneOptions;
  readonly #queue: PQueue;
  readonly #slots: Slots;
  #inHand = 0;
  #claiming = false;
  /** Something happened while a claim was under way: look again after it. */
  #changed = false;
  #isShut = false;
  #cancelWake: CancelTimer = () => {};

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#queue = new PQueue({ concurrency: options.concurrency });
    this.#slots = new Slots(options.concurrency, options.clock.now());
  }

  get endpoint(): string {
    return this.#options.provider.endpoint;
  }

  get gate(): Gate {
    return this.#options.gate;
  }

  /** Whether jobs are in hand, or being claimed. */
  get isBusy(): boolean {
    return this.#inHand > 0 || this.#claiming;
  }

  /** Calls that are being made, or hold a slot to be. */
  get inSlots(): number {
    return this.#queue.pending;
  }

  /** What the gate has to say to the queue: closed while the breaker is open. */
  onGate(event: GateEvent): void {
    if (event.type === "opened" || event.type === "blocked") this.#queue.pause();
    else if (event.type === "half-open" || event.type === "ramping" || event.type === "closed")
      this.#queue.start();
    this.refill();
  }

  /** No more claims; what waits at the gate or in the window is given back. */
  shut(): void {
    this.#isShut = true;
    this.#cancelWake();
    this.#options.gate.close();
    this.#queue.start();
  }

  /** Claims what can start soon, if the window is low. Safe to call at any time. */
  refill(): void {
    if (this.#claiming) {
      this.#changed = true;
      return;
    }
    const wanted = this.#wanted();
    if (wanted <= 0 || this.#isShut) return;
    this.#claiming = true;
    this.#changed = false;
    this.#claim(wanted).catch(this.#options.onError);
  }

  #wanted(): number {
    const { concurrency, gate } = this.#options;
    if (this.#queue.size >= concurrency * LOW_WATERMARK) return 0;
    return Math.min(gate.room(CLAIM_AHEAD_MS), concurrency * HIGH_WATERMARK - this.#queue.size);
  }

  async #claim(wanted: number): Promise<void> {
    const { store, run, model, clock, onError, onQuiet } = this.#options;
    const jobs = await store.claim(run, model, wanted);
    this.#inHand += jobs.length;
    for (const job of jobs) this.#queue.add(() => this.#work(job)).catch(onError);
    const nextAt = jobs.length === 0 ? await store.nextAvailableAt(run, model) : null;
    this.#claiming = false;
    if (nextAt !== null) this.#wakeAt(clock.now() + nextAt - clock.wall());
    if (jobs.length > 0 || this.#changed) this.refill();
    if (!this.isBusy) onQuiet();
  }

  /** For the next retry that is due. */
  #wakeAt(at: number): void {
    if (this.#isShut) return;
    this.#cancelWake();
    this.#cancelWake = this.#options.clock.timer(at, () => this.refill());
  }

  async #work(job: ClaimedJob): Promise<void> {
    const { clock, onQuiet } = this.#options;
    const slotFreeAt = this.#slots.take(clock.now());
    await this.#attempt(job, slotFreeAt);
    this.#slots.free(clock.now());
    this.#inHand -= 1;
    this.refill();
    if (!this.isBusy) onQuiet();
  }

  async #attempt(job: ClaimedJob, slotFreeAt: number): Promise<void> {
    const { store, gate, observe, stop } = this.#options;
    const onAdmitted = (): void => this.refill();
    const made = await attempt(job, slotFreeAt, { ...this.#options, signal: stop.aborted, onAdmitted });
    if (!made) return store.release([job]);
    const { ending, permit } = made;
    const type = (await store.record(ending)) ? "recorded" : "superseded";
    observe({ type, ending, endpoint: this.endpoint });
    // Only now: a trip gives failures back, and can give back only what is recorded.
    gate.settle(permit, ending.outcome);
  }
}
