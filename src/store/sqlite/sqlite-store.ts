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
import { SqliteReader } from "./sqlite-reader.ts";

/** The job table in an SQLite database: reads it as its base does, and writes to it. */
export class SqliteStore extends SqliteReader implements Store {
  /** Ids of the runs that this process works on, by their numbers. */
  readonly #ids = new Map<number, string>();

  async setDurability(durability: Durability): Promise<void> {
    this.parts.commits.setDurability(durability);
  }

  /** A file is never away. */
  hurry(): void {}

  abandon(): void {
    this.parts.inHand.abandon();
  }

  async recover(): Promise<Recovered> {
    const { recovery } = this.parts;
    await recovery.recover();
    return recovery.take();
  }

  /** Nobody tells: processes on one file look for themselves. */
  onNews(): () => void {
    return () => {};
  }

  othersVersion(): Promise<string> {
    return this.read(() => this.parts.othersVersion.read());
  }

  beginImport(run: NewRun): Promise<RunImport> {
    return this.parts.imports.begin(run);
  }

  async updateOptions(id: string, options: Run["options"], output: string | null): Promise<void> {
    await this.#writeRun(id, (run) => this.parts.changes.setOptions(run, options, output));
  }

  async noteWritten(id: string, path: string): Promise<void> {
    await this.#writeRun(id, (run) => this.parts.changes.setWritten(run, path));
  }

  /** @throws LlmBatchError RUN_NOT_FOUND, RUN_IN_USE */
  async removeRun(id: string): Promise<void> {
    const run = await this.number(id);
    const { owners, removal } = this.parts;
    await this.#write(() => {
      if (owners.isWorkedOnByOthers(run)) throw runInUse(id);
      removal.withdraw(run);
    });
    await removal.drop(run);
  }

  async attach(id: string, concurrency: number): Promise<string> {
    const slot = await this.parts.owners.attach(await this.number(id), concurrency);
    return `slot-${slot}`;
  }

  async detach(id: string): Promise<void> {
    await this.parts.owners.detach(await this.number(id));
  }

  async noteStop(id: string, reason: StopReason): Promise<void> {
    const owner = await this.parts.owners.join(await this.number(id));
    await this.#write(() => this.parts.stops.note(owner, reason, this.clock.wall()));
  }

  async forgetStops(id: string): Promise<void> {
    await this.#writeRun(id, (run) => this.parts.stops.forget(run));
  }

  async rescue(): Promise<Rescue> {
    const { owners, rescuer, imports } = this.parts;
    const rescues: Rescue[] = [];
    for (const owner of await this.read(() => owners.dead())) {
      rescues.push(await this.#write(() => rescuer.rescue(owner, this.clock.wall())));
    }
    await imports.dropAbandoned();
    return sumOfRescues(rescues);
  }

  async claim(
    id: string,
    queue: Queue,
    limit: number,
    { maxCharacters, closed = NO_GROUPS }: ClaimBounds = {},
  ): Promise<ClaimedJob[]> {
    const run = await this.number(id);
    this.#ids.set(run, id);
    const { owners, claims } = this.parts;
    for (;;) {
      const owner = await owners.join(run);
      const request = { run, queue, owner, limit, maxCharacters, closed };
      const jobs = await this.#write(() =>
        owners.isLiving(owner) ? claims.claim({ ...request, wallMs: this.clock.wall() }) : null,
      );
      if (jobs !== null) return jobs;
      await owners.rejoin(run);
    }
  }

  async holds(job: ClaimedJob): Promise<boolean> {
    const owner = await this.parts.owners.find(job.id);
    return this.read(() => this.parts.claims.isHeld(job, owner));
  }

  record(ending: Ending): Promise<Recorded> {
    const { endings, owners, inHand } = this.parts;
    const owner = owners.find(ending.job.id);
    const recorded = this.#write(() => (endings.record(ending, owner) ? "recorded" : "superseded"));
    return inHand.hold([{ run: this.#idOf(ending.job), owner, ending }], recorded);
  }

  async release(jobs: readonly ClaimedJob[]): Promise<void> {
    const { claims, owners, inHand } = this.parts;
    const held = jobs.map((job) => ({ job, owner: owners.find(job.id) }));
    const unsent = held.map(({ job, owner }) => {
      return { run: this.#idOf(job), owner, unsent: { id: job.id, attempt: job.attempt } };
    });
    const released = this.#write(() => {
      for (const { job, owner } of held) claims.release(job, owner);
    });
    await inHand.hold(unsent, released);
  }

  forgive(failures: readonly { job: number; attempt: number }[]): Promise<number> {
    return this.#write(() => this.parts.forgiveness.forgive(failures));
  }

  failGroup(
    id: string,
    group: string,
    { code, message }: { code: string; message: string },
  ): Promise<number> {
    return this.#writeRun(id, (run) => this.parts.overBudget.fail({ run, group, code, message }));
  }

  async capWaits(id: string, longestMs: number): Promise<void> {
    await this.#writeRun(id, (run) => this.parts.waits.cap({ run, longestMs, wallMs: this.clock.wall() }));
  }

  async endWaits(id: string): Promise<void> {
    await this.#writeRun(id, (run) => this.parts.waits.end(run, this.clock.wall()));
  }

  finishRun(id: string): Promise<boolean> {
    return this.#writeRun(id, (run) => this.parts.changes.finish(run, this.clock.wall()));
  }

  cancel(id: string): Promise<number> {
    return this.#writeRun(id, (run) => this.parts.changes.cancel(run, this.clock.wall()));
  }

  retry(
    id: string,
    { code = null, key = null }: { code?: string | null; key?: RowName | null },
  ): Promise<number> {
    return this.#writeRun(id, (run) => {
      const jobs = key === null ? keyRange(run) : this.parts.rowIds.jobs(run, key);
      return jobs === null ? 0 : this.parts.retries.retry(run, jobs, code);
    });
  }

  async addHistory(id: string, spans: readonly HistorySpan[]): Promise<void> {
    await this.#writeRun(id, (run) => this.parts.history.add(run, spans));
  }

  unhashed(id: string, after: number, limit: number): Promise<UnhashedRow[]> {
    return this.readRun(id, (run) => this.parts.hashes.unhashed(run, after, limit));
  }

  async setHashes(hashes: readonly { id: number; hash: Buffer }[]): Promise<void> {
    await this.#write(() => this.parts.hashes.set(hashes));
  }

  updateEndpoint(endpoint: string, change: (state: string | null) => string | null): Promise<string | null> {
    return this.#write(() => this.parts.endpoints.update(endpoint, change, this.clock.wall()));
  }

  /** Empty for a run that this process has never worked on. */
  #idOf({ id }: ClaimedJob): string {
    return this.#ids.get(runOf(id)) ?? "";
  }

  async #writeRun<T>(id: string, work: (run: number) => T): Promise<T> {
    const run = await this.number(id);
    return this.#write(() => work(run));
  }

  #write<T>(work: () => T): Promise<T> {
    return this.parts.commits.write(work);
  }
}
