import { hostname } from "node:os";
import type { CancelTimer, Clock } from "../../ports/clock.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";

/** How often a process says that it lives, where its writes don't say so anyway. */
const BEAT_MS = 1_000;
/** How long it counts as alive after it last did: longer than any pause of a process that works. */
const LEASE_MS = 15_000;
/** The same for one whose lock is free: its connection may have been lost a moment ago, and it comes back. */
const LOCK_GRACE_MS = 4_000;
/** A process that has just come back itself gives the others time to do so too. */
const COMEBACK_MS = 10_000;

const NOW = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";
/** A server that was down could renew no lease: they count from its start. */
const UP_SINCE = "(extract(epoch FROM pg_postmaster_start_time()) * 1000)::bigint";
/** The locks of one schema among those of the database. */
const LOCK_CLASS = "hashtext('llm-batch {processes}')";

/** Whether the process of that row holds its lock. */
const HOLDS_LOCK = `EXISTS (
  SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND classid::bigint = ${LOCK_CLASS}::bigint & 4294967295 AND objid::bigint = processes.id)`;

/** Whether the process of that row lives. */
export const IS_ALIVE = `(
  processes.left_at IS NULL
  AND ${NOW} <= greatest(processes.lease_until, ${UP_SINCE} + ${LEASE_MS})
  AND (NOT processes.has_lock
    OR ${NOW} <= greatest(processes.beat_at, ${UP_SINCE} + ${LEASE_MS - LOCK_GRACE_MS}) + ${LOCK_GRACE_MS}
    OR ${HOLDS_LOCK}))`;

/** Whether it may be dead though it counts as alive: its lock is free, or, where it never had one, it hasn't beaten lately. */
export const IS_SILENT = `(
  NOT ${HOLDS_LOCK} AND (processes.has_lock OR ${NOW} > processes.beat_at + ${2 * BEAT_MS}))`;

const ENTER = statement<{ host: string; pid: number; hasLock: boolean }, { id: number }>(`
  INSERT INTO {processes} (host, pid, has_lock, beat_at, lease_until)
  VALUES (@host, @pid, @hasLock, ${NOW}, ${NOW} + ${LEASE_MS}) RETURNING id`);
const LOCK = statement<{ id: number }, { locked: boolean }>(
  `SELECT pg_try_advisory_lock(${LOCK_CLASS}, @id::integer) AS locked`,
);
const SET_LOCK = statement<{ id: number; hasLock: boolean }>(
  "UPDATE {processes} SET has_lock = @hasLock WHERE id = @id",
);
/** What every transaction of a process ends with. */
export const BEAT = `
  UPDATE {processes} SET batch = @batch, beat_at = ${NOW}, lease_until = ${NOW} + ${LEASE_MS} WHERE id = @process
  RETURNING beat_at AS "beatAt"`;
/** Waits for a commit that the server is still at: each has changed the row. */
const BATCH = statement<{ id: number }, { batch: number }>(
  "SELECT batch FROM {processes} WHERE id = @id FOR SHARE",
);
/** Each transaction of a process changes its row. */
const OTHERS = statement<{ id: number | null }, { version: string }>(`
  SELECT concat_ws(' ', count(*), max(id), sum(batch)) AS version FROM {processes} WHERE id IS DISTINCT FROM @id::bigint`);
const LEAVE = statement<{ id: number }>(`UPDATE {processes} SET left_at = ${NOW} WHERE id = @id`);
const FORGET = statement<object>(`
  DELETE FROM {processes} WHERE (left_at IS NOT NULL OR lease_until < ${NOW} - 86400000)
    AND NOT EXISTS (SELECT 1 FROM {owners} WHERE owners.process = processes.id AND owners.ended_at IS NULL)`);

/** This process's entry among those who work on the database. */
export class Membership {
  readonly #clock: Clock;
  /** Writes, and so beats. */
  readonly #beat: () => Promise<unknown>;
  #id: number | null = null;
  #lastBeat = Number.NEGATIVE_INFINITY;
  /** The same by the server's clock. */
  #lastBeatAt: number | null = null;
  #life = 1;
  #cancelBeat: CancelTimer = () => {};

  constructor(clock: Clock, beat: () => Promise<unknown>) {
    this.#clock = clock;
    this.#beat = beat;
  }

  /** Null before its first write. */
  get id(): number | null {
    return this.#id;
  }

  /**
   * Enters the list, or takes the lock again on a new connection.
   * @param isPooled whether what a session holds doesn't outlive a transaction: then the lease alone decides
   */
  async enter(session: Session, isPooled: boolean): Promise<void> {
    if (this.#id === null) {
      const entry = { host: hostname(), pid: process.pid, hasLock: false };
      this.#id = (await session.first(ENTER, entry))!.id;
      this.#beatLater();
    }
    if (isPooled) return;
    const { locked } = (await session.first(LOCK, { id: this.#id }))!;
    await session.run(SET_LOCK, { id: this.#id, hasLock: locked });
  }

  /**
   * Changes whenever this process may have been taken for dead; null while it may be just now. What it claimed in the same
   * life is still its own.
   */
  get life(): number | null {
    return this.#clock.now() - this.#lastBeat < LOCK_GRACE_MS / 2 ? this.#life : null;
  }

  /** Called after each transaction, with the server's time of its beat; null where its entry was gone. */
  noteBeat(beatAt: number | null): void {
    const pauseMs =
      beatAt === null ? Number.POSITIVE_INFINITY : Math.abs(beatAt - (this.#lastBeatAt ?? beatAt));
    if (pauseMs >= LOCK_GRACE_MS) this.#life += 1;
    this.#lastBeatAt = beatAt;
    this.#lastBeat = this.#clock.now();
  }

  /** The number of the last transaction that was committed. */
  async lastBatch(session: Session): Promise<number | null> {
    return (await session.first(BATCH, { id: this.#id! }))?.batch ?? null;
  }

  /** A text that changes whenever another process has written. */
  async othersVersion(session: Session): Promise<string> {
    return (await session.first(OTHERS, { id: this.#id }))!.version;
  }

  /** Part of the last write; entries of the dead that hold nothing are swept with it. */
  async leave(session: Session): Promise<void> {
    if (this.#id === null) return;
    await session.run(LEAVE, { id: this.#id });
    await session.run(FORGET, {});
  }

  stop(): void {
    this.#cancelBeat();
  }

  #beatLater(): void {
    this.#cancelBeat = this.#clock.timer(this.#clock.now() + BEAT_MS, () => {
      if (this.#clock.now() - this.#lastBeat >= BEAT_MS) this.#beat().catch(() => {});
      this.#beatLater();
    });
  }
}

/** Whether it is too early to take others for dead, after this process has lost its connection and come back. */
export function isComingBack(reopenedAt: number, now: number): boolean {
  return now - reopenedAt < COMEBACK_MS;
}
