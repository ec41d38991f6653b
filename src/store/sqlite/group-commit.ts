import type { Durability } from "../../ports/store.ts";
import { type Pacing, whenFree } from "./busy.ts";
import { databaseFault } from "./database-error.ts";
import type { Database } from "./driver.ts";
import { LoopLoad } from "./loop-load.ts";
import { sameFile } from "./same-file.ts";
import { WriteMode } from "./write-mode.ts";

/** How long a group is gathered at most. Longer would only hold calls back: it has hundreds of writes by then. */
const GATHER_MS = 10;
/**
 * Writes that a turn of a saturated event loop has to bring for another one to be waited for. So many spare the fsync of a commit;
 * fewer are held back for longer than it takes, and go on in bursts.
 */
const WORTH_WAITING = 16;

/** What writes add up in memory, to be written before their commit. */
interface Gathered {
  flush(): void;
  /** Forgets what a transaction added that was rolled back. */
  clear(): void;
}

interface Write {
  work: () => unknown;
  isRelaxed: boolean;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

/**
 * The only way to write. Writes that come up in quick succession share one transaction, and so one fsync; each
 * promise settles after the commit. A write that throws is taken out, and the others of its group run again
 * without it: so a write must do nothing but change the database and what is gathered, and return a value.
 */
export class GroupCommit {
  readonly #db: Database;
  readonly #gathered: readonly Gathered[];
  readonly #pacing: Pacing;
  readonly #load: Pick<LoopLoad, "isSaturated">;
  readonly #mode: WriteMode;
  readonly #assertSameFile;
  readonly #begin;
  readonly #commit;
  readonly #rollback;
  #waiting: Write[] = [];
  #scheduled = false;

  /** @param load of the event loop that the writes come from; default: measured */
  constructor(
    db: Database,
    gathered: readonly Gathered[],
    pacing: Pacing,
    load: Pick<LoopLoad, "isSaturated"> = new LoopLoad(),
  ) {
    this.#db = db;
    this.#gathered = gathered;
    this.#pacing = pacing;
    this.#load = load;
    this.#mode = new WriteMode(db);
    this.#assertSameFile = sameFile(db.name, pacing.clock);
    // A deferred BEGIN would be refused at its first write whenever another process has written since.
    this.#begin = db.prepare("BEGIN IMMEDIATE");
    this.#commit = db.prepare("COMMIT");
    this.#rollback = db.prepare("ROLLBACK");
  }

  setDurability(durability: Durability): void {
    this.#mode.setDurability(durability);
  }

  /** @throws LlmBatchError when the disk is full or fails, is no longer there, or another process keeps the lock for 30 s. */
  write<T>(work: () => T): Promise<T> {
    return this.#add(work, false);
  }

  /** As `write`, for what is of no use without a later write: until that one, a power cut may take it. */
  writeRelaxed<T>(work: () => T): Promise<T> {
    return this.#add(work, true);
  }

  #add<T>(work: () => T, isRelaxed: boolean): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ work, isRelaxed, resolve: resolve as Write["resolve"], reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#gather(this.#pacing.clock.now() + GATHER_MS);
  }

  /**
   * Replies that are in by now bring writes in the next turns of the event loop: commits when a turn has brought few. A loop with
   * idle time commits at once, or it would be idle while the calls that a commit lets go are held back.
   */
  #gather(until: number): void {
    const gathered = this.#waiting.length;
    setImmediate(() => {
      const brought = this.#waiting.length - gathered;
      const isWorthIt = brought >= WORTH_WAITING && this.#load.isSaturated;
      if (isWorthIt && this.#pacing.clock.now() < until) this.#gather(until);
      else this.#flush();
    });
  }

  async #flush(): Promise<void> {
    try {
      await whenFree(() => this.#transact(), this.#pacing);
    } catch (error) {
      this.#rejectAll(this.#waiting.splice(0), error);
    }
    this.#scheduled = false;
    if (this.#waiting.length > 0) this.#schedule();
  }

  /** Throws only where the transaction can't begin; then nothing was taken from the queue. */
  #transact(): void {
    this.#assertSameFile();
    this.#mode.relax(this.#waiting.every(({ isRelaxed }) => isRelaxed));
    this.#begin.run();
    const group = this.#waiting.splice(0);
    const values: unknown[] = [];
    for (const [at, write] of group.entries()) {
      try {
        values.push(write.work());
      } catch (error) {
        this.#undo();
        this.#settleFailed(group, at, error);
        return;
      }
    }
    try {
      for (const gathered of this.#gathered) gathered.flush();
      this.#commit.run();
    } catch (error) {
      this.#undo();
      this.#rejectAll(group, error);
      return;
    }
    for (const [at, write] of group.entries()) write.resolve(values[at]);
  }

  #settleFailed(group: readonly Write[], failedAt: number, error: unknown): void {
    if (databaseFault(error, this.#db.name) !== null) {
      this.#rejectAll(group, error);
      return;
    }
    group[failedAt]!.reject(error);
    this.#waiting.unshift(...group.filter((_, at) => at !== failedAt));
  }

  #rejectAll(group: readonly Write[], error: unknown): void {
    const reason = databaseFault(error, this.#db.name) ?? error;
    for (const write of group) write.reject(reason);
  }

  /** After some errors, a full disk among them, SQLite has rolled back already, and a ROLLBACK would throw. */
  #undo(): void {
    for (const gathered of this.#gathered) gathered.clear();
    if (this.#db.inTransaction) this.#rollback.run();
  }
}
