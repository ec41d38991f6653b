import { LlmBatchError } from "../domain/errors.ts";
import { type StopReason, stopReason } from "../domain/stop-reason.ts";
import { type GroupSet, NO_GROUPS, type Store } from "../ports/store.ts";
import type { BudgetWatch } from "./budget-watch.ts";
import type { Lanes } from "./lanes.ts";
import type { StopSwitch } from "./stop.ts";

/** Null when the run is finished, else why it isn't. */
export type DrainEnd = StopReason | null;

interface FinishContext {
  store: Pick<Store, "finishRun">;
  run: string;
  lanes: Lanes;
  budget: BudgetWatch;
  stop: StopSwitch;
  /** Records what was spooled, where the database is back. */
  recordSpool(): Promise<void>;
}

/** The end of a drain, which comes when the lanes have nothing in hand: why it comes, and what it waits for. */
export class Finish {
  readonly #context: FinishContext;
  /** Why an endpoint was given up, if one was: told when nothing else is left to do. */
  #lost: StopReason | null = null;
  /** Writes under way that the end has to wait for. */
  readonly #keeping = new Set<Promise<void>>();
  /** Whether the database failed to take an answer. */
  #hasSpooled = false;
  /** What is wrong with the database; null while nothing is known to be. */
  #fault: unknown = null;
  #end: (end: DrainEnd) => void = () => {};
  #fail: (error: unknown) => void = () => {};

  constructor(context: FinishContext) {
    this.#context = context;
  }

  /** Settles when the drain that `begin` starts has ended. */
  of(begin: () => void): Promise<DrainEnd> {
    return new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
      begin();
    });
  }

  /** The end waits for this write. */
  waitFor(write: Promise<void>): void {
    const kept = write.catch((error) => this.failLater(error));
    this.#keeping.add(kept);
    kept.finally(() => this.#keeping.delete(kept));
  }

  /** An endpoint was given up. */
  lose(reason: StopReason): void {
    this.#lost = reason;
  }

  /** An answer was spooled. The answers of further calls couldn't be recorded either, so no more are sent. */
  spooled(): void {
    this.#hasSpooled = true;
    this.#context.stop.stop(stopReason.notRecorded());
  }

  /**
   * Where the database can't take writes, calls in flight go on, as their answers can be spooled. A full disk, or a server that is
   * away while the run ends, is told only if it is so still when all have ended.
   */
  failLater(error: unknown): void {
    const { stop } = this.#context;
    const code = error instanceof LlmBatchError ? error.code : "";
    if (code !== "DISK_FULL" && !code.startsWith("DB_")) {
      this.#fail(error);
      return;
    }
    const mayPass = code === "DISK_FULL" || (code === "DB_UNREACHABLE" && stop.reason !== null);
    if (!mayPass) this.#fault ??= error;
    stop.stop(stopReason.notRecorded());
    this.check();
  }

  /** Whenever the lanes have nothing in hand: all is done, or what is left waits, or is in other processes' hands. */
  check(): void {
    if (this.#isBusy) return;
    this.#endIfDone().catch((error) => this.#fail(error));
  }

  get #isBusy(): boolean {
    return this.#context.lanes.all.some((lane) => lane.isBusy);
  }

  async #endIfDone(): Promise<void> {
    const { stop, store, run, recordSpool } = this.#context;
    await Promise.all(this.#keeping);
    if (this.#fault !== null) throw this.#fault;
    // Records the spooled answers if the database is back by now; else throws what is wrong with it.
    if (this.#hasSpooled) await recordSpool();
    const isDone = await store.finishRun(run);
    if (this.#isBusy) return;
    if (isDone) this.#end(null);
    else if (stop.reason) this.#end(stop.reason);
    else await this.#stopIfStuck();
  }

  /** Nothing is in hand, and the run isn't finished: stops it unless something is pending that can be sent, now or later. */
  async #stopIfStuck(): Promise<void> {
    const { stop, budget } = this.#context;
    if ((await budget.keep()) > 0) return this.check();
    const { end, closedForGood } = budget;
    if (end !== null) return stop.stop(stopReason.budget(end));
    if (await this.#isPending(closedForGood)) return;
    if (this.#lost) return stop.stop(this.#lost);
    if (!(await this.#isPending(NO_GROUPS))) return;
    // Groups that others have used up are known to be closed since the first look; the second fails their rows, where that is asked for.
    if ((await budget.keep()) > 0) return this.check();
    stop.stop(stopReason.groupBudgets([...closedForGood]));
  }

  /** Whether a job of another group is pending for an endpoint that is still of use. */
  async #isPending(closed: GroupSet): Promise<boolean> {
    const times = await Promise.all(this.#context.lanes.living.map((lane) => lane.nextAvailableAt(closed)));
    return times.some((at) => at !== null);
  }
}
