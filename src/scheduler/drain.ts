import type { RetryRules } from "../control/decide.ts";
import type { GateEvent } from "../control/gate-event.ts";
import { LlmBatchError } from "../domain/errors.ts";
import type { JobCounts } from "../domain/run.ts";
import type { CancelTimer, Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";
import { type GroupSet, NO_GROUPS, type Store } from "../ports/store.ts";
import { type Bounds, BoundsWatch } from "./bounds.ts";
import { type Budgets, type BudgetWatch, openBudgetWatch } from "./budget-watch.ts";
import { mostCostInDoubt } from "./doubt-cost.ts";
import type { Observer, RunEvent } from "./events.ts";
import { Lane } from "./lane.ts";
import { Lanes } from "./lanes.ts";
import { openGate } from "./open-gate.ts";
import type { Outlet } from "./outlet.ts";
import { type StopReason, type StopSwitch, stopReason } from "./stop.ts";

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

/** Null when the run is finished, else why it isn't. */
export type DrainEnd = StopReason | null;

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
  /** Why an endpoint was given up, if one was: told when nothing else is left to do. */
  #lost: StopReason | null = null;
  /** Writes under way that the end has to wait for. */
  readonly #keeping = new Set<Promise<void>>();
  /** Whether the database failed to take an answer. */
  #hasSpooled = false;
  /** What is wrong with the database; null while nothing is known to be. */
  #fault: unknown = null;
  /** This process's name among those that share the quotas. */
  #name = "";
  #bounds: BoundsWatch | null = null;
  #budget!: BudgetWatch;
  #cancelCheck: CancelTimer = () => {};
  #end: (end: DrainEnd) => void = () => {};
  #fail: (error: unknown) => void = () => {};

  constructor(options: DrainOptions) {
    this.#options = options;
  }

  async run(): Promise<DrainEnd> {
    const { onLanes, stop } = this.#options;
    const jobs = await this.#prepare();
    const opensAt = await this.#opensAt();
    onLanes?.(this.#lanes.all, this.#budget);
    return new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
      this.#watchBounds(jobs, opensAt);
      stop.onStop((reason) => this.#stop(reason));
      this.#checkLater();
      for (const lane of this.#lanes.all) lane.refill();
      this.#checkEnd();
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
    await this.#rescue();
    await this.#capWaits();
    const figures = await store.figures(run);
    this.#budget = await openBudgetWatch(
      { ...this.#options, observe: (event) => this.#tell(event) },
      figures,
    );
    const window = windowCharacters / this.#outlets.length;
    for (const outlet of this.#outlets) this.#lanes.add(await this.#open(outlet, window));
    await this.#shareAll();
    return figures.jobs;
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
      onQuiet: () => this.#checkEnd(),
      onError: (error) => this.#failLater(error),
    });
    return lane;
  }

  #tell(event: RunEvent): void {
    this.#bounds?.see(event);
    // What waits at the gates isn't in flight yet.
    if (event.type === "over_budget" && event.group === null) {
      for (const lane of this.#lanes.all) lane.turnAway();
    }
    // Stop: the answers of further calls couldn't be recorded either.
    if (event.type === "spooled") {
      this.#hasSpooled = true;
      this.#options.stop.stop(stopReason.notRecorded());
    }
    this.#options.observe(event);
  }

  /**
   * Where the database can't take writes, calls in flight go on, as their answers can be spooled. A full disk, or a server that is
   * away while the run ends, is told only if it is so still when all have ended.
   */
  #failLater(error: unknown): void {
    const { stop } = this.#options;
    const code = error instanceof LlmBatchError ? error.code : "";
    if (code !== "DISK_FULL" && !code.startsWith("DB_")) {
      this.#fail(error);
      return;
    }
    const mayPass = code === "DISK_FULL" || (code === "DB_UNREACHABLE" && stop.reason !== null);
    if (!mayPass) this.#fault ??= error;
    stop.stop(stopReason.notRecorded());
    this.#checkEnd();
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
    const kept = this.#keep(lane, event).catch((error) => this.#failLater(error));
    this.#keeping.add(kept);
    kept.finally(() => this.#keeping.delete(kept));
  }

  /**
   * Gives a lane up. The others go on; the run stops at once if some rows have no other lane, else when nothing else is left to do.
   */
  #lose(lane: Lane, reason: StopReason): void {
    this.#lost = reason;
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

  /** Whenever the lanes have nothing in hand: all is done, or what is left waits, or is in other processes' hands. */
  #checkEnd(): void {
    if (this.#lanes.all.some((lane) => lane.isBusy)) return;
    this.#endIfDone().catch((error) => this.#fail(error));
  }

  async #endIfDone(): Promise<void> {
    const { stop, store, run } = this.#options;
    await Promise.all(this.#keeping);
    if (this.#fault !== null) throw this.#fault;
    // Records the spooled answers if the database is back by now; else throws what is wrong with it.
    if (this.#hasSpooled) await this.#recover();
    const isDone = await store.finishRun(run);
    if (this.#lanes.all.some((lane) => lane.isBusy)) return;
    if (isDone) this.#end(null);
    else if (stop.reason) this.#end(stop.reason);
    else await this.#stopIfStuck();
  }

  /** Nothing is in hand, and the run isn't finished: stops it unless something is pending that can be sent, now or later. */
  async #stopIfStuck(): Promise<void> {
    const { stop } = this.#options;
    if ((await this.#budget.keep()) > 0) return this.#checkEnd();
    const { end, closedForGood } = this.#budget;
    if (end !== null) return stop.stop(stopReason.budget(end));
    if (await this.#isPending(closedForGood)) return;
    if (this.#lost) stop.stop(this.#lost);
    else if (await this.#isPending(NO_GROUPS)) stop.stop(stopReason.groupBudgets([...closedForGood]));
  }

  /** Whether a job of another group is pending for an endpoint that is still of use. */
  async #isPending(closed: GroupSet): Promise<boolean> {
    const times = await Promise.all(this.#lanes.living.map((lane) => lane.nextAvailableAt(closed)));
    return times.some((at) => at !== null);
  }

  #stop(reason: StopReason): void {
    const inFlight = this.#lanes.all.reduce((sum, lane) => sum + lane.gate.inFlight, 0);
    this.#tell({ type: "stopping", reason, inFlight });
    this.#shut();
  }

  #shut(): void {
    for (const lane of this.#lanes.all) lane.shut();
    this.#checkEnd();
  }

  #checkLater(): void {
    const { clock } = this.#options;
    this.#cancelCheck = clock.timer(clock.now() + CHECK_MS, () => {
      this.#check().catch((error) => this.#failLater(error));
    });
  }

  /** What others may have done meanwhile: died, cancelled the run, moved the breaker, left work, set the clock. */
  async #check(): Promise<void> {
    const { store, run, stop } = this.#options;
    if (stop.reason) return;
    // Before anything else in this turn of the event loop: a call that ends in it might be counted twice, see `Budget.sync`.
    await this.#budget.keep();
    // Together: a store may do it all in one transaction.
    await Promise.all([this.#rescue(), this.#capWaits(), this.#shareAll(), this.#checkFailures()]);
    if ((await store.findRun({ id: run }))?.state !== "open") return this.#shut();
    for (const lane of this.#lanes.all) {
      lane.reconsider();
      lane.refill();
    }
    this.#checkEnd();
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

  /** Records the spool first: calls whose answers are in it aren't in doubt. */
  async #rescue(): Promise<void> {
    const { store, run, budgets } = this.#options;
    await this.#recover();
    const rescue = await store.rescue();
    if (rescue.jobs === 0) return;
    this.#budget?.readAgain();
    this.#tell({ type: "rescued", rescue, mostNanoUsd: mostCostInDoubt(rescue, run, budgets.mostCost) });
  }

  async #recover(): Promise<void> {
    const recovered = await this.#options.store.recover();
    if (recovered.recorded + recovered.late === 0) return;
    this.#budget?.readAgain();
    this.#tell({ type: "recovered", recovered });
  }
}
