import { hostname } from "node:os";
import type { Clock } from "../../ports/clock.ts";
import { runOf } from "../keys.ts";
import type { Database } from "./driver.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { Slots } from "./slots.ts";

const SUPERSEDE = "UPDATE owners SET slot = NULL WHERE slot = ? AND ended_at IS NULL";
const REGISTER = "INSERT INTO owners (slot, run, host, pid, started_at) VALUES (?, ?, ?, ?, ?)";
const SET_CONCURRENCY = `
  UPDATE owners SET concurrency = max(coalesce(concurrency, 0), @concurrency),
    started_at = CASE WHEN concurrency IS NULL THEN @wallMs ELSE started_at END
  WHERE id = @owner`;
/** An owner that leaves claims behind stays on record: the next process takes them back. */
const END = `
  UPDATE owners SET ended_at = ?
  WHERE id = ? AND ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.owner = owners.id AND jobs.state = 'running')`;
const IS_LIVING = "SELECT 1 FROM owners WHERE id = ? AND ended_at IS NULL";
const ALIVE_ON_RUN = "SELECT id, slot FROM owners WHERE run = ? AND ended_at IS NULL";
const NOT_ENDED = "SELECT id, slot FROM owners WHERE ended_at IS NULL ORDER BY id";

export interface OwnerRow {
  id: number;
  slot: number | null;
}

/** This process's entries in `owners`, one for each run it works on, and what became of the other processes'. */
export class Owners {
  readonly #slots: Slots;
  readonly #commits: GroupCommit;
  readonly #clock: Clock;
  readonly #supersede;
  readonly #register;
  readonly #setConcurrency;
  readonly #end;
  readonly #isLiving;
  readonly #aliveOnRun;
  readonly #notEnded;
  readonly #joined = new Map<number, Promise<number>>();
  readonly #mine = new Set<number>();
  /** This process's latest owner id for each run, once it is on record. */
  readonly #current = new Map<number, number>();
  /** Slots for calls by run, should a process that was taken for dead have to join again. */
  readonly #concurrency = new Map<number, number>();
  #slot: Promise<number> | null = null;

  constructor(db: Database, slots: Slots, commits: GroupCommit, clock: Clock) {
    this.#slots = slots;
    this.#commits = commits;
    this.#clock = clock;
    this.#supersede = db.prepare<[number]>(SUPERSEDE);
    this.#register = db.prepare<[number, number, string, number, number]>(REGISTER);
    this.#setConcurrency =
      db.prepare<[{ owner: number; concurrency: number; wallMs: number }]>(SET_CONCURRENCY);
    this.#end = db.prepare<[number, number]>(END);
    this.#isLiving = db.prepare<[number]>(IS_LIVING);
    this.#aliveOnRun = db.prepare<[number], OwnerRow>(ALIVE_ON_RUN);
    this.#notEnded = db.prepare<[], OwnerRow>(NOT_ENDED);
  }

  /** This process's owner id for a run, registered at the first call. */
  join(run: number): Promise<number> {
    const known = this.#joined.get(run);
    if (known !== undefined) return known;
    const joining = this.#enter(() => run).then(({ owner }) => owner);
    this.#joined.set(run, joining);
    return joining;
  }

  /** Creates a run as part of a write and joins it in the same one: it is never there without its owner. */
  async joinNew(create: () => number): Promise<number> {
    const { run, owner } = await this.#enter(create);
    this.#joined.set(run, Promise.resolve(owner));
    return run;
  }

  /** The owner id for a job's run, or null where this process has never worked on it. */
  find(job: number): number | null {
    return this.#current.get(runOf(job)) ?? null;
  }

  /** Joins a run with so many slots for calls. Gives this process's lock slot. */
  async attach(run: number, concurrency: number): Promise<number> {
    const owner = await this.join(run);
    const wallMs = this.#clock.wall();
    this.#concurrency.set(run, concurrency);
    await this.#commits.write(() => this.#setConcurrency.run({ owner, concurrency, wallMs }));
    return this.#slot!;
  }

  /** Leaves a run; coming back gives a new entry. */
  async detach(run: number): Promise<void> {
    const owner = await this.#joined.get(run);
    if (owner === undefined) return;
    const { changes } = await this.#commits.write(() => this.#end.run(this.#clock.wall(), owner));
    if (changes === 0) return;
    this.#joined.delete(run);
    this.#current.delete(run);
    this.#concurrency.delete(run);
  }

  /** Whether no other process has taken this owner for dead. */
  isLiving(owner: number): boolean {
    return this.#isLiving.get(owner) !== undefined;
  }

  /** Joins a run anew, with another slot: the lock file of the old one is no longer what others look at. */
  async rejoin(run: number): Promise<void> {
    this.#joined.delete(run);
    this.#slots.release();
    this.#slot = null;
    const concurrency = this.#concurrency.get(run);
    if (concurrency !== undefined) await this.attach(run, concurrency);
  }

  /** Whether a live process other than this one works on the run. */
  isWorkedOnByOthers(run: number): boolean {
    return this.#aliveOnRun.all(run).some((owner) => !this.#isMine(owner) && this.#isAlive(owner));
  }

  isWorkedOn(run: number): boolean {
    return this.#aliveOnRun.all(run).some((owner) => this.isAtWork(owner));
  }

  /** Whether the process of an entry that isn't ended lives. */
  isAtWork(owner: OwnerRow): boolean {
    return this.#isMine(owner) || this.#isAlive(owner);
  }

  /** Owners whose process died. Once dead, always dead: a successor in the slot has ids of its own. */
  dead(): number[] {
    const others = this.#notEnded.all().filter((owner) => !this.#isMine(owner));
    return others.filter((owner) => !this.#isAlive(owner)).map((owner) => owner.id);
  }

  /** Signs this process off, after every write before. */
  async leave(): Promise<void> {
    await Promise.allSettled(this.#joined.values());
    const signOff = this.#commits.write(() => {
      for (const owner of this.#mine) this.#end.run(this.#clock.wall(), owner);
    });
    // Without it, on a full disk say, the next process takes this one for dead, which comes to the same.
    await Promise.allSettled([signOff]);
    this.#slots.release();
  }

  async #enter(chooseRun: () => number): Promise<{ run: number; owner: number }> {
    const slot = await this.#takeSlot();
    const entry = await this.#commits.write(() => {
      const run = chooseRun();
      const { lastInsertRowid } = this.#register.run(slot, run, hostname(), process.pid, this.#clock.wall());
      return { run, owner: Number(lastInsertRowid) };
    });
    this.#mine.add(entry.owner);
    this.#current.set(entry.run, entry.owner);
    return entry;
  }

  /** The slot's earlier holders are dead; said so before our own entries name it. */
  #takeSlot(): Promise<number> {
    this.#slot ??= (async () => {
      const slot = this.#slots.take();
      await this.#commits.write(() => this.#supersede.run(slot));
      return slot;
    })();
    return this.#slot;
  }

  #isMine(owner: OwnerRow): boolean {
    return this.#mine.has(owner.id);
  }

  #isAlive(owner: OwnerRow): boolean {
    return owner.slot !== null && this.#slots.isHeld(owner.slot);
  }
}
