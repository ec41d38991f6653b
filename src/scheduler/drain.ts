import type { RetryRules } from "../control/decide.ts";
import type { GateEvent } from "../control/gate-event.ts";
import type { JobCounts } from "../domain/job.ts";
import { type StopReason, stopReason } from "../domain/stop-reason.ts";
import type { CancelTimer, Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";
import { NO_GROUPS, type Store } from "../ports/store.ts";
import { type Bounds, BoundsWatch } from "./bounds.ts";
import { type Budgets, type BudgetWatch, openBudgetWatch } from "./budget-watch.ts";
import type { Observer, RunEvent } from "./events.ts";
import { type DrainEnd, Finish } from "./finish.ts";
import { Lane } from "./lane.ts";
import { Lanes } from "./lanes.ts";
import { openGate } from "./open-gate.ts";
import type { Outlet } from "./outlet.ts";
import type { StopSwitch } from "./stop.ts";
import { recordSpool, takeOver } from "./take-over.ts";

/** How often to look what other processes on the database did, and to renew the shares of quotas. */
const CHECK_MS = 1_000;
/** A call holds its row three times: as it is, as the request, and as the bytes of that. */
const WINDOW_CHARACTERS = 128 * 1024 * 1024;

export interface DrainOptions {
  store: Store;
  run: string;
  /** Where the rows can go, given the models they name; null stands for rows that name none. */
  outlets(models: readonly (string | null)[]): readonly Outlet[];
  rules: RetryRules;
  bounds: Bounds;
  budgets: Budgets;
  /** Most characters of the rows in hand, over all lanes; each lane may have one row in any case. Default: 128 Mi. */
  windowCharacters?: number;
  clock: Clock;
  random: Random;
  stop: StopSwitch;
  observe: Observer;
  /** Called once, when lanes and budget are there, so that their state can be shown. */
  onLanes?(lanes: readonly Lane[], budget: BudgetWatch): void;
}

/**
 * Works on a run until all of its jobs are done or `stop` is thrown. Any number of processes may do so at once.
 * @throws whatever the store throws; nothing recorded is lost by it.
 */
export async function drain(options: DrainOptions): Promise<DrainEnd> {
  const drain = new Drain(options);
  try {
    return await drain.run();
  } finally {
    await drain.close();
  }
}

class Drain {
  readonly #options: DrainOptions;
  readonly #lanes = new Lanes();
  #outlets: readonly Outlet[] = [];
  /** This process's name among those that share the quotas. */
  #name = "";
  #bounds: BoundsWatch | null = null;
  #budget!: BudgetWatch;
  #finish!: Finish;
  #cancelCheck: CancelTimer = () => {};

  constructor(options: DrainOptions) {
    this.#options = options;
  }

  async run(): Promise<DrainEnd> {
    const { onLanes, stop } = this.#options;
    const jobs = await this.#prepare();
    const opensAt = await this.#opensAt();
    onLanes?.(this.#lanes.all, this.#budget);
    return this.#finish.of(() => {
      this.#watchBounds(jobs, opensAt);
      stop.onStop((reason) => this.#stop(reason));
      this.#checkLater();
      for (const lane of this.#lanes.all) lane.refill();
      this.#finish.check();
    });
  }

  /**
   * Joins the run, takes back what dead processes left, and opens budgets and lanes.
   * @returns how the run stands
   */
  async #prepare(): Promise<JobCounts> {
    const { store, run, outlets, windowCharacters = WINDOW_CHARACTERS } = this.#options;
    this.#outlets = outlets(await store.models(run));
    this.#name = await store.attach(
      run,
      this.#outlets.reduce((sum, { concurrency }) => sum + concurrency, 0),
    );
    await this.#takeOver();
    await Promise.all([store.forgetStops(run), this.#capWaits()]);
    const figures = await store.figures(run);
    this.#budget = await openBudgetWatch(
      { ...this.#options, observe: (event) => this.#tell(event) },
      figures,
    );
    this.#finish = this.#newFinish();
    const window = windowCharacters / this.#outlets.length;
    for (const outlet of this.#outlets) this.#lanes.add(await this.#open(outlet, window));
    await this.#shareAll();
    return figures.jobs;
  }

  #newFinish(): Finish {
    const { store } = this.#options;
    return new Finish({
      ...this.#options,
      lanes: this.#lanes,
      budget: this.#budget,
      recordSpool: () => recordSpool({ store, tell: (event) => this.#tell(event) }),
    });
  }

  #takeOver(): Promise<void> {
    return takeOver({ ...this.#options, tell: (event) => this.#tell(event) });
  }

  #watchBounds({ total, failed }: JobCounts, opensAt: number): void {
    const { bounds, clock, stop } = this.#options;
    this.#bounds = new BoundsWatch(bounds, { totalRows: total, failedRows: failed }, clock, stop);
    this.#bounds.countStallFrom(opensAt);
  }

  /** Before this moment nothing can be sent: an earlier process left a wait that the provider had asked for. */
  async #opensAt(): Promise<number> {
    const { clock } = this.#options;
    const moments = this.#lanes.all.map(async (lane) => {
      const at = await lane.nextAvailableAt(NO_GROUPS);
      return at === null ? [] : [Math.max(lane.gate.opensAt(), clock.now() + at - clock.wall())];
    });
    const known = (await Promise.all(moments)).flat();
    return known.length === 0 ? clock.now() : Math.min(...known);
  }

  async close(): Promise<void> {
    this.#cancelCheck();
    this.#bounds?.close();
    this.#options.stop.abort();
    // Where the database fails, what was to be told is the failure itself; a share that isn't given up runs out.
    await Promise.allSettled(this.#lanes.all.map((lane) => this.#leave(lane)));
    await Promise.all(this.#outlets.map(({ provider }) => provider.close()));
  }

  async #open(outlet: Outlet, windowCharacters: number): Promise<Lane> {
    const { store, clock, random } = this.#options;
    const onEvent = (event: GateEvent): void => this.#onGate(lane, event);
    const gate = await openGate(outlet, { store, clock, random, name: this.#name, onEvent });
    const lane: Lane = new Lane({
      ...this.#options,
      outlet,
      gate,
      budget: this.#budget,
      windowCharacters,
      sources: () => this.#lanes.sourcesOf(lane),
      hasRelief: () => this.#lanes.hasRelief(lane),
      hasPeer: () => this.#lanes.hasPeer(lane),
      stageAfter: (job) => this.#lanes.stageAfter(job.model, outlet.stage),
      observe: (event) => this.#tell(event),
      onQuiet: () => this.#finish.check(),
      onError: (error) => this.#finish.failLater(error),
    });
    return lane;
  }

  #tell(event: RunEvent): void {
    this.#bounds?.see(event);
    // What waits at the gates isn't in flight yet.
    if (event.type === "over_budget" && event.group === null) {
      for (const lane of this.#lanes.all) lane.turnAway();
    }
    if (event.type === "spooled") this.#finish.spooled();
    // Calls of other processes are on record now, which this one never settles.
    if (event.type === "rescued" || event.type === "recovered") this.#budget?.readAgain();
    this.#options.observe(event);
  }

  #onGate(lane: Lane, event: GateEvent): void {
    this.#tell({ type: "gate", endpoint: lane.endpoint, event });
    lane.onGate(event);
    if (event.type === "blocked" && event.by !== "hand") {
      this.#lose(lane, stopReason.refused(lane.endpoint, event.message));
    } else if (event.type === "neverReached") {
      this.#lose(lane, stopReason.unreachable(lane.endpoint, event.message));
    }
    // What one lane can't do now, others may.
    for (const other of this.#lanes.all) if (other !== lane) other.refill();
    this.#finish.waitFor(this.#keep(lane, event));
  }

  /**
   * Gives a lane up. The others go on; the run stops at once if some rows have no other lane, else when nothing else is left to do.
   */
  #lose(lane: Lane, reason: StopReason): void {
    this.#finish.lose(reason);
    if (this.#lanes.lose(lane)) this.#options.stop.stop(reason);
    else lane.shut();
  }

  /** What the gate decided outlives this process: its state, and the failures that were the outage's. */
  async #keep(lane: Lane, event: GateEvent): Promise<void> {
    const { store } = this.#options;
    if ("forgive" in event && event.forgive.length > 0) {
      const revived = await store.forgive(event.forgive);
      this.#tell({ type: "forgiven", failures: event.forgive.length, revived });
      lane.refill();
    }
    await lane.exchange.share();
  }

  #stop(reason: StopReason): void {
    const inFlight = this.#lanes.all.reduce((sum, lane) => sum + lane.gate.inFlight, 0);
    this.#tell({ type: "stopping", reason, inFlight });
    this.#shut();
  }

  #shut(): void {
    for (const lane of this.#lanes.all) lane.shut();
    this.#finish.check();
  }

  #checkLater(): void {
    const { clock } = this.#options;
    this.#cancelCheck = clock.timer(clock.now() + CHECK_MS, () => {
      this.#check().catch((error) => this.#finish.failLater(error));
    });
  }

  /** What others may have done meanwhile: died, cancelled the run, moved the breaker, left work, set the clock. */
  async #check(): Promise<void> {
    const { store, run, stop } = this.#options;
    if (stop.reason) return;
    // Before anything else in this turn of the event loop: a call that ends in it might be counted twice, see `Budget.sync`.
    await this.#budget.keep();
    // Together: a store may do it all in one transaction.
    await Promise.all([this.#takeOver(), this.#capWaits(), this.#shareAll(), this.#checkFailures()]);
    if ((await store.findRun({ id: run }))?.state !== "open") return this.#shut();
    for (const lane of this.#lanes.all) {
      lane.reconsider();
      lane.refill();
    }
    this.#finish.check();
    this.#checkLater();
  }

  async #leave(lane: Lane): Promise<void> {
    lane.shut();
    await lane.exchange.leave();
  }

  async #shareAll(): Promise<void> {
    await Promise.all(this.#lanes.all.map(({ exchange }) => exchange.share()));
  }

  async #checkFailures(): Promise<void> {
    const { store, run, bounds } = this.#options;
    if (bounds.maxFailures === null) return;
    this.#bounds?.checkFailures((await store.figures(run)).jobs.failed);
  }

  /** The wall clock may have been set back, now or before this process began. */
  #capWaits(): Promise<void> {
    const { store, run, rules } = this.#options;
    return store.capWaits(run, rules.backoffMaxMs);
  }
}
