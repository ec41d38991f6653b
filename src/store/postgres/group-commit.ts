import type { CancelTimer, Clock } from "../../ports/clock.ts";
import type { Durability } from "../../ports/store.ts";
import type { Address } from "./address.ts";
import { databaseFault, isAway, isConflict } from "./database-error.ts";
import type { Ledger } from "./ledger.ts";
import type { Link } from "./link.ts";
import type { Patience } from "./patience.ts";
import type { Membership } from "./processes.ts";
import type { Session } from "./session.ts";

/** Answers that are recorded at once, as a part of the slots: with a quarter of them waiting, calls would be missing. */
const SLOTS_WAITING = 0.25;
/** A group that has to give in to another transaction so often is at fault itself. */
const CONFLICTS_AT_MOST = 20;
/** What a short transaction may take before the server is taken to be gone. */
const SHORT_MS = 60_000;

/**
 * How long the server keeps a transaction of which nothing comes any more: one whose connection was lost on the way holds its
 * locks, and who comes back waits for them. Our statements follow each other at once.
 */
const IDLE_MS = 10_000;
/** Behind a pooler the settings of `link.ts` hold for a transaction alone. */
const BEGIN_ANY = `
  BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL jit = off; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0;
  SET LOCAL idle_in_transaction_session_timeout = ${IDLE_MS}`;
/** A role or database that has it off is overruled; one that waits for more than its own disk stays as it is. */
const WAIT_FOR_DISK =
  "SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'";
const BEGIN: Readonly<Record<Durability, string>> = {
  full: `${BEGIN_ANY}; ${WAIT_FOR_DISK}`,
  normal: `${BEGIN_ANY}; SET LOCAL synchronous_commit = off`,
};

/** Writes of one kind that are made together. */
export type Many<Item, Value> = (session: Session, items: readonly Item[]) => Promise<readonly Value[]>;

interface Write {
  work(session: Session): Promise<unknown>;
  resolve(value: unknown): void;
  reject(error: unknown): void;
  isLong: boolean;
  /** What it locks, for writes that come last and in the order of these, so that no two processes wait for each other. */
  locks: string | null;
}

interface Item {
  value: unknown;
  many: Many<never, unknown>;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

interface Group {
  items: Item[];
  writes: Write[];
}

interface GroupCommitParts {
  address: Address;
  link: Link;
  ledger: Ledger;
  membership: Membership;
  patience: Patience;
  clock: Clock;
}

/**
 * The only way to write. What comes up while a transaction is under way is written by the next one; each promise settles
 * after its commit. A write that throws is taken out, and the others of its group run again without it: so a write must do
 * nothing but change the database and the ledger, and return a value. A database that is away is waited for.
 */
export class GroupCommit {
  readonly #parts: GroupCommitParts;
  #items: Item[] = [];
  #writes: Write[] = [];
  #isFlushing = false;
  #cancelLinger: CancelTimer | null = null;
  #lingerUntil = 0;
  /** Numbers the transactions of this process. */
  #batch = 0;
  /** Slots of this process, over all runs. */
  slots = 0;
  durability: Durability = "full";

  constructor(parts: GroupCommitParts) {
    this.#parts = parts;
  }

  /** @throws LlmBatchError when the server's disk is full, or it stays away for long. */
  write<T>(
    work: (session: Session) => Promise<T>,
    { isLong = false, locks = null }: { isLong?: boolean; locks?: string | null } = {},
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#writes.push({ work, resolve: resolve as Write["resolve"], reject, isLong, locks });
      this.#flushSoon();
    });
  }

  /** As `write`, for what is worth being written together with others of its kind: it may wait so long for them. */
  gather<I, V>(value: I, many: Many<I, V>, lingerMs: number): Promise<V> {
    return new Promise<V>((resolve, reject) => {
      this.#items.push({ value, many: many as Item["many"], resolve: resolve as Item["resolve"], reject });
      if (this.#items.length >= Math.max(1, this.slots * SLOTS_WAITING)) this.#flushSoon();
      else this.#linger(this.#parts.clock.now() + lingerMs);
    });
  }

  /** Writes what waits, now. */
  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    this.#cancelLinger?.();
    this.#cancelLinger = null;
    setImmediate(() => this.#flush());
  }

  #linger(until: number): void {
    if (this.#isFlushing || (this.#cancelLinger !== null && until >= this.#lingerUntil)) return;
    this.#cancelLinger?.();
    this.#lingerUntil = until;
    this.#cancelLinger = this.#parts.clock.timer(until, () => this.#flushSoon());
  }

  async #flush(): Promise<void> {
    while (this.#writes.length > 0 || this.#items.length > 0) {
      const group = { items: this.#items.splice(0), writes: inOrder(this.#writes.splice(0)) };
      await this.#commit(group);
    }
    this.#isFlushing = false;
  }

  async #commit(group: Group): Promise<void> {
    const { patience, address } = this.#parts;
    this.#batch += 1;
    let isSent = false;
    try {
      const settle = await patience.try(async () => {
        // The answer to the COMMIT before was lost: perhaps only that.
        if (isSent && (await this.#wasCommitted())) return this.#settle;
        return this.#retried(group, () => {
          isSent = true;
        });
      });
      settle?.();
    } catch (error) {
      this.#rejectAll(group, databaseFault(error, address) ?? error);
    }
  }

  #settle: (() => void) | undefined;

  async #retried(group: Group, onCommit: () => void): Promise<(() => void) | undefined> {
    for (let conflicts = 0; ; ) {
      try {
        await this.#transact(group, onCommit);
        return this.#settle;
      } catch (error) {
        this.#parts.ledger.clear();
        if (error instanceof Withdrawn) continue;
        conflicts += 1;
        if (!isConflict(error) || conflicts > CONFLICTS_AT_MOST) throw error;
      }
    }
  }

  async #transact(group: Group, onCommit: () => void): Promise<void> {
    const { link, ledger, membership } = this.#parts;
    const isLong = group.writes.some((write) => write.isLong);
    await link.use(
      async (session) => {
        ledger.countFor(membership.id!);
        await session.execute(BEGIN[this.durability]);
        const settles: (() => void)[] = [];
        let beatAt: number | null;
        try {
          settles.push(...(await this.#writeItems(session, group)));
          settles.push(...(await this.#writeEach(session, group)));
          beatAt = await ledger.flush(session, { process: membership.id!, batch: this.#batch });
        } catch (error) {
          await session.execute("ROLLBACK");
          throw error;
        }
        this.#settle = () => {
          for (const settle of settles) settle();
        };
        onCommit();
        await session.execute("COMMIT");
        membership.noteBeat(beatAt);
      },
      isLong ? null : SHORT_MS,
    );
  }

  async #writeItems(session: Session, { items }: Group): Promise<(() => void)[]> {
    const settles: (() => void)[] = [];
    for (const many of new Set(items.map((item) => item.many))) {
      const own = items.filter((item) => item.many === many);
      const values = await many(
        session,
        own.map(({ value }) => value as never),
      );
      for (const [at, { resolve }] of own.entries()) settles.push(() => resolve(values[at]));
    }
    return settles;
  }

  /** The ledger is written before the writes that come last, so that their locks are held the least. */
  async #writeEach(session: Session, { writes }: Group): Promise<(() => void)[]> {
    const { ledger } = this.#parts;
    const settles: (() => void)[] = [];
    for (const [at, write] of writes.entries()) {
      if (write.locks !== null) await ledger.write(session);
      try {
        const value = await write.work(session);
        settles.push(() => write.resolve(value));
      } catch (error) {
        if (isAway(error) || isConflict(error) || databaseFault(error, this.#parts.address)) throw error;
        writes.splice(at, 1);
        write.reject(error);
        throw new Withdrawn();
      }
    }
    return settles;
  }

  async #wasCommitted(): Promise<boolean> {
    const { link, membership } = this.#parts;
    return (await link.use((session) => membership.lastBatch(session))) === this.#batch;
  }

  #rejectAll({ items, writes }: Group, reason: unknown): void {
    for (const { reject } of [...items, ...writes]) reject(reason);
  }
}

/** A write failed by itself: the others of its group are to be written without it. */
class Withdrawn extends Error {}

function inOrder(writes: readonly Write[]): Write[] {
  const last = writes.filter(({ locks }) => locks !== null);
  last.sort((a, b) => (a.locks! < b.locks! ? -1 : Number(a.locks! > b.locks!)));
  return [...writes.filter(({ locks }) => locks === null), ...last];
}
