import type { Ending } from "../../domain/ending.ts";
import type { HistorySpan } from "../../domain/history.ts";
import type { ClaimedJob } from "../../domain/job.ts";
import type { Run } from "../../domain/run.ts";
import type { StopReason } from "../../domain/stop-reason.ts";
import type { NewRun, RunImport } from "../../ports/import.ts";
import type { RowName } from "../../ports/results.ts";
import {
  type ClaimBounds,
  type Durability,
  NO_GROUPS,
  type Queue,
  type Recorded,
  type Recovered,
  type Rescue,
  type Store,
  type UnhashedRow,
} from "../../ports/store.ts";
import { keyRange, runOf } from "../keys.ts";
import { sumOfRescues } from "../rescues.ts";
import { runInUse } from "../run-row.ts";
import { isHeld } from "./claims.ts";
import { updateEndpoint } from "./endpoints.ts";
import { setHashes, unhashedRows } from "./hashes.ts";
import { addHistory } from "./history.ts";
import { TELL_NEWS } from "./news.ts";
import { PostgresReader } from "./postgres-reader.ts";
import { jobsByRowId } from "./row-ids.ts";
import type { Session } from "./session.ts";
import { forgetStops, noteStop } from "./stops.ts";
import { capWaits, endWaits } from "./waits.ts";

/**
 * How long an answer waits for others to be recorded with it: its slot is free only then, so no more than a part of what its
 * call took. With calls of seconds, 25 a second, a worker makes one transaction of five.
 */
const LINGER_PART = 0.2;
const LONGEST_LINGER_MS = 200;
/** How long a database that is away is waited for by a process that is to end. */
const HURRY_MS = 5_000;
/** The same for one that is there and doesn't answer. */
const SILENT_MS = 15_000;

/** The job table in PostgreSQL: reads it as its base does, and writes to it. */
export class PostgresStore extends PostgresReader implements Store {
  async setDurability(durability: Durability): Promise<void> {
    this.parts.commits.durability = durability;
  }

  hurry(): void {
    const { patience, writer, reader } = this.parts;
    patience.hurry(HURRY_MS);
    for (const link of [writer, reader]) link.hurry(SILENT_MS);
  }

  abandon(): void {
    this.parts.inHand.abandon();
  }

  async recover(): Promise<Recovered> {
    const { recovery } = this.parts;
    await recovery.recover();
    return recovery.take();
  }

  onNews(listener: () => void): () => void {
    return this.parts.news.listen(listener);
  }

  othersVersion(): Promise<string> {
    return this.read((session) => this.parts.membership.othersVersion(session));
  }

  beginImport(run: NewRun): Promise<RunImport> {
    return this.parts.imports.begin(run);
  }

  async updateOptions(id: string, options: Run["options"], output: string | null): Promise<void> {
    await this.#writeRun(id, (session, run) => this.parts.changes.setOptions(session, run, options, output));
  }

  async noteWritten(id: string, path: string): Promise<void> {
    await this.#writeRun(id, (session, run) => this.parts.changes.setWritten(session, run, path));
  }

  /** @throws LlmBatchError RUN_NOT_FOUND, RUN_IN_USE */
  async removeRun(id: string): Promise<void> {
    const run = await this.number(id);
    const { owners, changes, removal } = this.parts;
    await this.#write(async (session) => {
      if (await owners.isWorkedOnByOthers(session, run)) throw runInUse(id);
      await changes.withdraw(session, run);
    });
    await removal.drop(run);
    this.numbers.delete(id);
  }

  async attach(id: string, concurrency: number): Promise<string> {
    await this.parts.owners.attach(await this.number(id), concurrency);
    return `process-${this.parts.membership.id}`;
  }

  async detach(id: string): Promise<void> {
    await this.parts.owners.detach(await this.number(id));
  }

  async noteStop(id: string, reason: StopReason): Promise<void> {
    const owner = await this.parts.owners.join(await this.number(id));
    const wallMs = this.clock.wall();
    await this.#write((session) => noteStop(session, owner, { reason, wallMs }));
  }

  async forgetStops(id: string): Promise<void> {
    await this.#writeRun(id, forgetStops);
  }

  async rescue(): Promise<Rescue> {
    const [rescues] = await Promise.all([this.#rescueDead(), this.parts.imports.dropAbandoned()]);
    return sumOfRescues(rescues);
  }

  async #rescueDead(): Promise<Rescue[]> {
    const { owners, rescuer, writer } = this.parts;
    const rescues: Rescue[] = [];
    for (const owner of await this.#write((session) => owners.dead(session, writer.reopenedAt))) {
      rescues.push(await this.#write((session) => rescuer.rescue(session, owner, this.clock.wall())));
    }
    return rescues;
  }

  async claim(
    id: string,
    queue: Queue,
    limit: number,
    { maxCharacters, closed = NO_GROUPS }: ClaimBounds = {},
  ): Promise<ClaimedJob[]> {
    const run = await this.number(id);
    await this.parts.owners.join(run);
    const request = { run, queue, limit, maxCharacters, closed };
    const jobs = await this.#write((session) =>
      this.parts.claims.claim(session, { ...request, wallMs: this.clock.wall() }),
    );
    this.parts.sureClaims.add(jobs);
    return jobs;
  }

  async holds(job: ClaimedJob): Promise<boolean> {
    if (this.parts.sureClaims.has(job)) return true;
    const owner = await this.parts.owners.find(job.id);
    return this.read((session) => isHeld(session, job, owner));
  }

  async record(ending: Ending): Promise<Recorded> {
    const { owners, commits, endings, inHand } = this.parts;
    const owner = await owners.find(ending.job.id);
    const lingerMs = Math.min(ending.timing.latencyMs * LINGER_PART, LONGEST_LINGER_MS);
    const written = commits.gather({ ending, owner }, endings.record, lingerMs);
    const isOurs = await inHand.hold([{ run: this.#idOf(ending.job), owner, ending }], written);
    if (isOurs === "spooled") return isOurs;
    return isOurs ? "recorded" : "superseded";
  }

  async release(jobs: readonly ClaimedJob[]): Promise<void> {
    const { owners, claims, inHand } = this.parts;
    const held = await Promise.all(jobs.map(async (job) => ({ job, owner: await owners.find(job.id) })));
    const unsent = held.map(({ job, owner }) => {
      return { run: this.#idOf(job), owner, unsent: { id: job.id, attempt: job.attempt } };
    });
    await inHand.hold(
      unsent,
      this.#write((session) => claims.release(session, held)),
    );
  }

  forgive(failures: readonly { job: number; attempt: number }[]): Promise<number> {
    return this.#write((session) => this.parts.forgiveness.forgive(session, failures));
  }

  failGroup(
    id: string,
    group: string,
    { code, message }: { code: string; message: string },
  ): Promise<number> {
    return this.#writeRows(id, (session, run) =>
      this.parts.overBudget.fail(session, { run, group, code, message }),
    );
  }

  async capWaits(id: string, longestMs: number): Promise<void> {
    await this.#writeRun(id, (session, run) =>
      capWaits(session, { run, longestMs, wallMs: this.clock.wall() }),
    );
  }

  async endWaits(id: string): Promise<void> {
    await this.#writeRun(id, (session, run) => endWaits(session, run, this.clock.wall()));
  }

  finishRun(id: string): Promise<boolean> {
    return this.#writeRun(id, (session, run) => this.parts.changes.finish(session, run, this.clock.wall()));
  }

  cancel(id: string): Promise<number> {
    return this.#writeRows(id, (session, run) => this.parts.changes.cancel(session, run, this.clock.wall()));
  }

  retry(
    id: string,
    { code = null, key = null }: { code?: string | null; key?: RowName | null },
  ): Promise<number> {
    return this.#writeRows(id, async (session, run) => {
      const jobs = key === null ? keyRange(run) : await jobsByRowId(session, run, key);
      if (jobs === null) return 0;
      const count = await this.parts.retries.retry(session, run, jobs, code);
      if (count > 0) await session.execute(TELL_NEWS);
      return count;
    });
  }

  async addHistory(id: string, spans: readonly HistorySpan[]): Promise<void> {
    const run = await this.number(id);
    const locks = `history ${run}`;
    await this.parts.commits.write((session) => addHistory(session, run, spans), { locks });
  }

  unhashed(id: string, after: number, limit: number): Promise<UnhashedRow[]> {
    return this.readRun(id, (session, run) => unhashedRows(session, run, after, limit));
  }

  async setHashes(hashes: readonly { id: number; hash: Buffer }[]): Promise<void> {
    await this.#write((session) => setHashes(session, hashes));
  }

  updateEndpoint(endpoint: string, change: (state: string | null) => string | null): Promise<string | null> {
    return this.parts.commits.write(
      (session) => updateEndpoint(session, endpoint, change, this.clock.wall()),
      { locks: endpoint },
    );
  }

  /** Empty for a run that this process has never worked on. */
  #idOf({ id }: ClaimedJob): string {
    const run = runOf(id);
    return [...this.numbers].find(([, number]) => number === run)?.[0] ?? "";
  }

  async #writeRun<T>(id: string, work: (session: Session, run: number) => Promise<T>): Promise<T> {
    const run = await this.number(id);
    return this.#write((session) => work(session, run));
  }

  /** A write that may change every row of the run, and so take long. */
  async #writeRows<T>(id: string, work: (session: Session, run: number) => Promise<T>): Promise<T> {
    const run = await this.number(id);
    return this.parts.commits.write((session) => work(session, run), { isLong: true });
  }

  #write<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.parts.commits.write(work);
  }
}
