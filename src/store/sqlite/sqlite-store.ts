import type { Check } from "../../domain/check.ts";
import type { Ending } from "../../domain/ending.ts";
import type { HistorySpan } from "../../domain/history.ts";
import type { ClaimedJob } from "../../domain/job.ts";
import type { Run, RunFigures } from "../../domain/run.ts";
import type { SpendReport, Unrescued } from "../../domain/spend.ts";
import type { Clock } from "../../ports/clock.ts";
import type { NewRun, RunImport } from "../../ports/import.ts";
import type { ResultTexts } from "../../ports/result-texts.ts";
import type {
  Found,
  JobDetail,
  OutlineRow,
  PageQuery,
  ResultRow,
  RowName,
  SearchQuery,
} from "../../ports/results.ts";
import {
  type Durability,
  type EndpointRecord,
  type GroupSet,
  NO_GROUPS,
  type Queue,
  type Recorded,
  type Recovered,
  type Rescue,
  type RunSelector,
  type Store,
  type UnhashedRow,
} from "../../ports/store.ts";
import { keyRange, runOf } from "../keys.ts";
import { sumOfRescues } from "../rescues.ts";
import { firstDueAt, groupsOf } from "../rotation.ts";
import { runInUse } from "../run-row.ts";
import { checkSpool } from "../spool-check.ts";
import { whenFree } from "./busy.ts";
import { databaseFault } from "./database-error.ts";
import type { StoreParts } from "./parts.ts";
import type { TextPages } from "./text-pages.ts";
import { verify } from "./verify.ts";

/** The job table in an SQLite database: each method hands its work to the part that knows the statements. */
export class SqliteStore implements Store {
  readonly #parts: StoreParts;
  readonly #clock: Clock;
  /** Ids of the runs that this process works on, by their numbers. */
  readonly #ids = new Map<number, string>();
  readonly texts: ResultTexts;

  constructor(parts: StoreParts) {
    this.#parts = parts;
    this.texts = this.#resultTexts(parts.texts);
    this.#clock = parts.pacing.clock;
  }

  async setDurability(durability: Durability): Promise<void> {
    this.#parts.commits.setDurability(durability);
  }

  /** A file is never away. */
  hurry(): void {}

  abandon(): void {
    this.#parts.inHand.abandon();
  }

  async recover(): Promise<Recovered> {
    const { recovery } = this.#parts;
    await recovery.recover();
    return recovery.take();
  }

  /** Nobody tells: processes on one file look for themselves. */
  onNews(): () => void {
    return () => {};
  }

  othersVersion(): Promise<string> {
    return this.#read(() => this.#parts.othersVersion.read());
  }

  beginImport(run: NewRun): Promise<RunImport> {
    return this.#parts.imports.begin(run);
  }

  findRun(by: RunSelector): Promise<Run | null> {
    return this.#read(() => this.#parts.runs.find(by));
  }

  listRuns(): Promise<Run[]> {
    return this.#read(() => this.#parts.runs.list());
  }

  async updateOptions(id: string, options: Run["options"], output: string | null): Promise<void> {
    const run = await this.#number(id);
    await this.#write(() => this.#parts.changes.setOptions(run, options, output));
  }

  async noteWritten(id: string, path: string): Promise<void> {
    const run = await this.#number(id);
    await this.#write(() => this.#parts.changes.setWritten(run, path));
  }

  /** @throws LlmBatchError RUN_NOT_FOUND, RUN_IN_USE */
  async removeRun(id: string): Promise<void> {
    const run = await this.#number(id);
    const { owners, removal } = this.#parts;
    await this.#write(() => {
      if (owners.isWorkedOnByOthers(run)) throw runInUse(id);
      removal.withdraw(run);
    });
    await removal.drop(run);
  }

  async isWorkedOn(id: string): Promise<boolean> {
    const run = await this.#number(id);
    return this.#read(() => this.#parts.owners.isWorkedOnByOthers(run));
  }

  async attach(id: string, concurrency: number): Promise<string> {
    const slot = await this.#parts.owners.attach(await this.#number(id), concurrency);
    return `slot-${slot}`;
  }

  async rescue(): Promise<Rescue> {
    const { owners, rescuer, imports } = this.#parts;
    const rescues: Rescue[] = [];
    for (const owner of await this.#read(() => owners.dead())) {
      rescues.push(await this.#write(() => rescuer.rescue(owner, this.#clock.wall())));
    }
    await imports.dropAbandoned();
    return sumOfRescues(rescues);
  }

  async models(id: string): Promise<(string | null)[]> {
    const run = await this.#number(id);
    return this.#read(() => this.#parts.lanes.models(run));
  }

  async claim(
    id: string,
    queue: Queue,
    limit: number,
    maxCharacters?: number,
    closed: GroupSet = NO_GROUPS,
  ): Promise<ClaimedJob[]> {
    const run = await this.#number(id);
    this.#ids.set(run, id);
    const { owners, claims } = this.#parts;
    for (;;) {
      const owner = await owners.join(run);
      const request = { run, queue, owner, limit, maxCharacters, closed };
      const jobs = await this.#write(() =>
        owners.isLiving(owner) ? claims.claim({ ...request, wallMs: this.#clock.wall() }) : null,
      );
      if (jobs !== null) return jobs;
      await owners.rejoin(run);
    }
  }

  async holds(job: ClaimedJob): Promise<boolean> {
    const owner = await this.#parts.owners.find(job.id);
    return this.#read(() => this.#parts.claims.isHeld(job, owner));
  }

  record(ending: Ending): Promise<Recorded> {
    const { endings, owners, inHand } = this.#parts;
    const owner = owners.find(ending.job.id);
    const recorded = this.#write(() => (endings.record(ending, owner) ? "recorded" : "superseded"));
    return inHand.hold([{ run: this.#idOf(ending.job), owner, ending }], recorded);
  }

  async release(jobs: readonly ClaimedJob[]): Promise<void> {
    const { claims, owners, inHand } = this.#parts;
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
    return this.#write(() => this.#parts.forgiveness.forgive(failures));
  }

  async nextAvailableAt(id: string, queue: Queue, closed: GroupSet = NO_GROUPS): Promise<number | null> {
    const run = await this.#number(id);
    const wallMs = this.#clock.wall();
    return this.#read(() => firstDueAt(this.#parts.pendingLanes.pending(run, queue), { closed, wallMs }));
  }

  async pendingGroups(id: string, queue: Queue): Promise<ReadonlySet<string>> {
    const run = await this.#number(id);
    return this.#read(() => groupsOf(this.#parts.pendingLanes.pending(run, queue)));
  }

  async failGroup(
    id: string,
    group: string,
    { code, message }: { code: string; message: string },
  ): Promise<number> {
    const run = await this.#number(id);
    return this.#write(() => this.#parts.overBudget.fail({ run, group, code, message }));
  }

  async capWaits(id: string, longestMs: number): Promise<void> {
    const run = await this.#number(id);
    await this.#write(() => this.#parts.waits.cap({ run, longestMs, wallMs: this.#clock.wall() }));
  }

  async endWaits(id: string): Promise<void> {
    const run = await this.#number(id);
    await this.#write(() => this.#parts.waits.end(run, this.#clock.wall()));
  }

  async finishRun(id: string): Promise<boolean> {
    const run = await this.#number(id);
    return this.#write(() => this.#parts.changes.finish(run, this.#clock.wall()));
  }

  async cancel(id: string): Promise<number> {
    const run = await this.#number(id);
    return this.#write(() => this.#parts.changes.cancel(run, this.#clock.wall()));
  }

  async retry(
    id: string,
    { code = null, key = null }: { code?: string | null; key?: RowName | null },
  ): Promise<number> {
    const run = await this.#number(id);
    return this.#write(() => {
      const jobs = key === null ? keyRange(run) : this.#parts.rowIds.jobs(run, key);
      return jobs === null ? 0 : this.#parts.retries.retry(run, jobs, code);
    });
  }

  async figures(id: string): Promise<RunFigures> {
    const run = await this.#number(id);
    return this.#read(() => this.#parts.figures.read(run, this.#clock.wall()));
  }

  async spend(id: string): Promise<SpendReport> {
    const run = await this.#number(id);
    const { reader, spend } = this.#parts;
    return this.#read(() => reader.transaction(() => spend.read(run, this.#clock.wall()))());
  }

  async unrescued(id: string): Promise<Unrescued> {
    const run = await this.#number(id);
    const { reader, unrescued } = this.#parts;
    return this.#read(() => reader.transaction(() => unrescued.read(run))());
  }

  async history(id: string): Promise<HistorySpan[]> {
    const run = await this.#number(id);
    return this.#read(() => this.#parts.history.read(run));
  }

  async addHistory(id: string, spans: readonly HistorySpan[]): Promise<void> {
    const run = await this.#number(id);
    await this.#write(() => this.#parts.history.add(run, spans));
  }

  async page(id: string, query: PageQuery): Promise<ResultRow[]> {
    const run = await this.#number(id);
    return this.#read(() => this.#parts.results.page(run, query));
  }

  async search(id: string, query: SearchQuery): Promise<Found> {
    const run = await this.#number(id);
    return this.#read(() => this.#parts.search.find(run, query));
  }

  async outline(id: string, after: number, limit: number): Promise<OutlineRow[]> {
    const run = await this.#number(id);
    return this.#read(() => this.#parts.outline.page(run, after, limit));
  }

  async job(id: string, key: RowName): Promise<JobDetail | null> {
    const run = await this.#number(id);
    return this.#read(() => {
      const jobs = this.#parts.rowIds.jobs(run, key);
      return jobs === null ? null : this.#parts.results.job(jobs.first);
    });
  }

  async unhashed(id: string, after: number, limit: number): Promise<UnhashedRow[]> {
    const run = await this.#number(id);
    return this.#read(() => this.#parts.hashes.unhashed(run, after, limit));
  }

  async setHashes(hashes: readonly { id: number; hash: Buffer }[]): Promise<void> {
    await this.#write(() => this.#parts.hashes.set(hashes));
  }

  listEndpoints(): Promise<EndpointRecord[]> {
    return this.#read(() => this.#parts.endpoints.list());
  }

  updateEndpoint(endpoint: string, change: (state: string | null) => string | null): Promise<string | null> {
    return this.#write(() => this.#parts.endpoints.update(endpoint, change, this.#clock.wall()));
  }

  async verify(): Promise<Check[]> {
    const { reader, owners, spool } = this.#parts;
    const verified = { db: reader, owners, wallMs: this.#clock.wall() };
    return [...(await verify(verified, (work) => this.#read(work))), checkSpool(spool)];
  }

  async close(): Promise<void> {
    const { owners, inHand, reader, writer } = this.#parts;
    inHand.close();
    await owners.leave();
    reader.close();
    writer.close();
  }

  /** Empty for a run that this process has never worked on. */
  #idOf({ id }: ClaimedJob): string {
    return this.#ids.get(runOf(id)) ?? "";
  }

  #resultTexts(of: TextPages): ResultTexts {
    return {
      lines: async (id, query) => {
        const run = await this.#number(id);
        return this.#read(() => of.lines(run, query));
      },
      table: async (id, query, withTexts) => {
        const run = await this.#number(id);
        return this.#read(() => of.table(run, query, withTexts));
      },
    };
  }

  /** @throws LlmBatchError RUN_NOT_FOUND */
  #number(id: string): Promise<number> {
    return this.#read(() => this.#parts.runs.numberOf(id));
  }

  #write<T>(work: () => T): Promise<T> {
    return this.#parts.commits.write(work);
  }

  async #read<T>(work: () => T): Promise<T> {
    try {
      return await whenFree(work, this.#parts.pacing);
    } catch (error) {
      throw databaseFault(error, this.#parts.reader.name) ?? error;
    }
  }
}
