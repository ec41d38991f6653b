import { hostname } from "node:os";
import type { Clock } from "../../ports/clock.ts";
import { runOf } from "../keys.ts";
import type { GroupCommit } from "./group-commit.ts";
import { IS_ALIVE, isComingBack, type Membership } from "./processes.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";

const REGISTER = statement<
  { process: number; run: number; wallMs: number; host: string; pid: number },
  { id: number }
>(`
  INSERT INTO {owners} (process, run, started_at, host, pid) VALUES (@process, @run, @wallMs, @host, @pid) RETURNING id`);
const SET_CONCURRENCY = statement<{ owner: number; concurrency: number; wallMs: number }>(`
  UPDATE {owners} SET concurrency = greatest(coalesce(concurrency, 0), @concurrency),
    started_at = CASE WHEN concurrency IS NULL THEN @wallMs ELSE started_at END
  WHERE id = @owner`);
const ENDED = statement<{ owner: number }, { ended: boolean }>(
  "SELECT ended_at IS NOT NULL AS ended FROM {owners} WHERE id = @owner FOR SHARE",
);
/** An owner that leaves claims behind stays on record: the next process takes them back. */
const END = statement<{ process: number; wallMs: number }>(`
  UPDATE {owners} SET ended_at = @wallMs
  WHERE process = @process AND ended_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM {jobs} WHERE jobs.owner = owners.id AND jobs.state = 'running')`);
const END_ONE = statement<{ owner: number; wallMs: number }>(`
  UPDATE {owners} SET ended_at = @wallMs
  WHERE id = @owner AND ended_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM {jobs} WHERE jobs.owner = owners.id AND jobs.state = 'running')`);
const ALIVE_ON_RUN = statement<{ run: number }, { process: number }>(`
  SELECT owners.process FROM {owners} JOIN {processes} ON processes.id = owners.process
  WHERE owners.run = @run AND owners.ended_at IS NULL AND ${IS_ALIVE}`);
const DEAD = statement<{ me: number | null }, { id: number }>(`
  SELECT owners.id FROM {owners} LEFT JOIN {processes} ON processes.id = owners.process
  WHERE owners.ended_at IS NULL AND owners.process IS DISTINCT FROM @me::bigint
    AND (processes.id IS NULL OR NOT ${IS_ALIVE})
  ORDER BY owners.id`);

interface OwnersParts {
  commits: GroupCommit;
  membership: Membership;
  clock: Clock;
}

/** This process's entries in `owners`, one for each run it works on, and what became of the other processes'. */
export class Owners {
  readonly #parts: OwnersParts;
  readonly #joined = new Map<number, Promise<number>>();
  /** Slots by run: what an entry is registered with anew, should this process be taken for dead while it sleeps. */
  readonly #concurrency = new Map<number, number>();

  constructor(parts: OwnersParts) {
    this.#parts = parts;
  }

  /** This process's owner id for a run, registered at the first call. */
  join(run: number): Promise<number> {
    const known = this.#joined.get(run);
    if (known !== undefined) return known;
    const joining = this.#parts.commits.write((session) => this.#register(session, run));
    this.#joined.set(run, joining);
    return joining;
  }

  /** Creates a run as part of a write and joins it in the same one: it is never there without its owner. */
  async joinNew(create: (session: Session) => Promise<number>): Promise<number> {
    const { run, owner } = await this.#parts.commits.write(async (session) => {
      const run = await create(session);
      return { run, owner: await this.#register(session, run) };
    });
    this.#joined.set(run, Promise.resolve(owner));
    return run;
  }

  /** The owner id for a job's run, or null where this process has never worked on it. */
  async find(job: number): Promise<number | null> {
    return (await this.#joined.get(runOf(job))) ?? null;
  }

  /** Joins a run with so many slots for calls. */
  async attach(run: number, concurrency: number): Promise<void> {
    const owner = await this.join(run);
    const { commits, clock } = this.#parts;
    this.#concurrency.set(run, concurrency);
    this.#countSlots();
    const wallMs = clock.wall();
    await commits.write((session) => session.run(SET_CONCURRENCY, { owner, concurrency, wallMs }));
  }

  /** Leaves a run; coming back gives a new entry. */
  async detach(run: number): Promise<void> {
    const owner = await this.#joined.get(run);
    if (owner === undefined) return;
    const { commits, clock } = this.#parts;
    const wallMs = clock.wall();
    if ((await commits.write((session) => session.run(END_ONE, { owner, wallMs }))) === 0) return;
    this.#joined.delete(run);
    this.#concurrency.delete(run);
    this.#countSlots();
  }

  /**
   * The owner to claim for; part of a write, in which nobody can end it. One that slept for so long that others took it for
   * dead gets an entry of its own again.
   */
  async living(session: Session, run: number): Promise<number> {
    const owner = await this.#joined.get(run)!;
    if ((await session.first(ENDED, { owner }))?.ended === false) return owner;
    const renewed = await this.#register(session, run);
    const concurrency = this.#concurrency.get(run);
    const wallMs = this.#parts.clock.wall();
    if (concurrency !== undefined)
      await session.run(SET_CONCURRENCY, { owner: renewed, concurrency, wallMs });
    this.#joined.set(run, Promise.resolve(renewed));
    return renewed;
  }

  /** Whether a live process other than this one works on the run. */
  async isWorkedOnByOthers(session: Session, run: number): Promise<boolean> {
    const alive = await session.all(ALIVE_ON_RUN, { run });
    return alive.some(({ process }) => process !== this.#parts.membership.id);
  }

  /** Owners whose process died; none while this process has only just come back itself. */
  async dead(session: Session, reopenedAt: number): Promise<number[]> {
    const { membership, clock } = this.#parts;
    if (isComingBack(reopenedAt, clock.now())) return [];
    return (await session.all(DEAD, { me: membership.id })).map(({ id }) => id);
  }

  /** Signs this process off, after every write before. */
  async leave(): Promise<void> {
    const { commits, membership, clock } = this.#parts;
    if (membership.id === null) return;
    await Promise.allSettled(this.#joined.values());
    await commits.write(async (session) => {
      await session.run(END, { process: membership.id!, wallMs: clock.wall() });
      await membership.leave(session);
    });
  }

  #countSlots(): void {
    this.#parts.commits.slots = [...this.#concurrency.values()].reduce((sum, slots) => sum + slots, 0);
  }

  async #register(session: Session, run: number): Promise<number> {
    const { membership, clock } = this.#parts;
    const entry = { process: membership.id!, run, wallMs: clock.wall(), host: hostname(), pid: process.pid };
    return (await session.first(REGISTER, entry))!.id;
  }
}
