import type { Check } from "../../domain/check.ts";
import type { Ending } from "../../domain/ending.ts";
import type { HistorySpan } from "../../domain/history.ts";
import type { ClaimedJob } from "../../domain/job.ts";
import type { Run, RunFigures } from "../../domain/run.ts";
import type { SpendReport, Unrescued } from "../../domain/spend.ts";
import type { Clock } from "../../ports/clock.ts";
import type { NewRun, RunImport } from "../../ports/import.ts";
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
import { isHeld } from "./claims.ts";
import { databaseFault } from "./database-error.ts";
import { listEndpoints, updateEndpoint } from "./endpoints.ts";
import { figuresOf } from "./figures.ts";
import { setHashes, unhashedRows } from "./hashes.ts";
import { addHistory, historyOf } from "./history.ts";
import { modelsOf, pendingLanesOf } from "./lanes.ts";
import { TELL_NEWS } from "./news.ts";
import { outlineOf } from "./outline.ts";
import type { StoreParts } from "./parts.ts";
import { readUnrescued } from "./rescuer.ts";
import { jobDetail, pageOf } from "./results.ts";
import { jobsByRowId } from "./row-ids.ts";
import { findRun, listRuns, numberOf } from "./runs.ts";
import { searchRows } from "./search.ts";
import type { Session } from "./session.ts";
import { spendOf } from "./spend-report.ts";
import { verify } from "./verify.ts";
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
/** What a read may take before the server is taken to be gone. */
const READ_MS = 120_000;

/** The job table in PostgreSQL: each method hands its work to the part that knows the statements. */
export class PostgresStore implements Store {
  readonly #parts: StoreParts;
  readonly #clock: Clock;
  /** Run numbers never change. */
  readonly #numbers = new Map<string, number>();
  #closing: Promise<void> | null = null;

  constructor(parts: StoreParts) {
    this.#parts = parts;
    this.#clock = parts.clock;
  }

  async setDurability(durability: Durability): Promise<void> {
    this.#parts.commits.durability = durability;
  }

  hurry(): void {
    const { patience, writer, reader } = this.#parts;
    patience.hurry(HURRY_MS);
    for (const link of [writer, reader]) link.hurry(SILENT_MS);
  }

  abandon(): void {
    this.#parts.inHand.abandon();
  }

  async recover(): Promise<Recovered> {
    const { recovery } = this.#parts;
    await recovery.recover();
    return recovery.take();
  }

  onNews(listener: () => void): () => void {
    return this.#parts.news.listen(listener);
  }

  othersVersion(): Promise<string> {
    return this.#read((session) => this.#parts.membership.othersVersion(session));
  }

  beginImport(run: NewRun): Promise<RunImport> {
    return this.#parts.imports.begin(run);
  }

  findRun(by: RunSelector): Promise<Run | null> {
    return this.#read((session) => findRun(session, by));
  }

  listRuns(): Promise<Run[]> {
    return this.#read(listRuns);
  }

  async updateOptions(id: string, options: Run["options"], output: string | null): Promise<void> {
    const run = await this.#number(id);
    await this.#write((session) => this.#parts.changes.setOptions(session, run, options, output));
  }

  async noteWritten(id: string, path: string): Promise<void> {
    const run = await this.#number(id);
    await this.#write((session) => this.#parts.changes.setWritten(session, run, path));
  }

  /** @throws LlmBatchError RUN_NOT_FOUND, RUN_IN_USE */
  async removeRun(id: string): Promise<void> {
    const run = await this.#number(id);
    const { owners, changes, removal } = this.#parts;
    await this.#write(async (session) => {
      if (await owners.isWorkedOnByOthers(session, run)) throw runInUse(id);
      await changes.withdraw(session, run);
    });
    await removal.drop(run);
    this.#numbers.delete(id);
  }

  async isWorkedOn(id: string): Promise<boolean> {
    const run = await this.#number(id);
    return this.#read((session) => this.#parts.owners.isWorkedOnByOthers(session, run));
  }

  async attach(id: string, concurrency: number): Promise<string> {
    await this.#parts.owners.attach(await this.#number(id), concurrency);
    return `process-${this.#parts.membership.id}`;
  }

  async rescue(): Promise<Rescue> {
    const [rescues] = await Promise.all([this.#rescueDead(), this.#parts.imports.dropAbandoned()]);
    return sumOfRescues(rescues);
  }

  async #rescueDead(): Promise<Rescue[]> {
    const { owners, rescuer, writer } = this.#parts;
    const rescues: Rescue[] = [];
    for (const owner of await this.#write((session) => owners.dead(session, writer.reopenedAt))) {
      rescues.push(await this.#write((session) => rescuer.rescue(session, owner, this.#clock.wall())));
    }
    return rescues;
  }

  async models(id: string): Promise<(string | null)[]> {
    const run = await this.#number(id);
    return this.#read((session) => modelsOf(session, run));
  }

  async claim(
    id: string,
    queue: Queue,
    limit: number,
    maxCharacters?: number,
    closed: GroupSet = NO_GROUPS,
  ): Promise<ClaimedJob[]> {
    const run = await this.#number(id);
    await this.#parts.owners.join(run);
    const request = { run, queue, limit, maxCharacters, closed };
    const jobs = await this.#write((session) =>
      this.#parts.claims.claim(session, { ...request, wallMs: this.#clock.wall() }),
    );
    this.#parts.sureClaims.add(jobs);
    return jobs;
  }

  async holds(job: ClaimedJob): Promise<boolean> {
    if (this.#parts.sureClaims.has(job)) return true;
    const owner = await this.#parts.owners.find(job.id);
    return this.#read((session) => isHeld(session, job, owner));
  }

  async record(ending: Ending): Promise<Recorded> {
    const { owners, commits, endings, inHand } = this.#parts;
    const owner = await owners.find(ending.job.id);
    const lingerMs = Math.min(ending.timing.latencyMs * LINGER_PART, LONGEST_LINGER_MS);
    const written = commits.gather({ ending, owner }, endings.record, lingerMs);
    const isOurs = await inHand.hold([{ run: this.#idOf(ending.job), owner, ending }], written);
    if (isOurs === "spooled") return isOurs;
    return isOurs ? "recorded" : "superseded";
  }

  async release(jobs: readonly ClaimedJob[]): Promise<void> {
    const { owners, claims, inHand } = this.#parts;
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
    return this.#write((session) => this.#parts.forgiveness.forgive(session, failures));
  }

  async nextAvailableAt(id: string, queue: Queue, closed: GroupSet = NO_GROUPS): Promise<number | null> {
    const run = await this.#number(id);
    const pending = await this.#read((session) => pendingLanesOf(session, run, queue));
    return firstDueAt(pending, { closed, wallMs: this.#clock.wall() });
  }

  async pendingGroups(id: string, queue: Queue): Promise<ReadonlySet<string>> {
    const run = await this.#number(id);
    return groupsOf(await this.#read((session) => pendingLanesOf(session, run, queue)));
  }

  async failGroup(
    id: string,
    group: string,
    { code, message }: { code: string; message: string },
  ): Promise<number> {
    const run = await this.#number(id);
    return this.#write(
      (session) => this.#parts.overBudget.fail(session, { run, group, code, message }),
      true,
    );
  }

  async capWaits(id: string, longestMs: number): Promise<void> {
    const run = await this.#number(id);
    await this.#write((session) => capWaits(session, { run, longestMs, wallMs: this.#clock.wall() }));
  }

  async endWaits(id: string): Promise<void> {
    const run = await this.#number(id);
    await this.#write((session) => endWaits(session, run, this.#clock.wall()));
  }

  async finishRun(id: string): Promise<boolean> {
    const run = await this.#number(id);
    return this.#write((session) => this.#parts.changes.finish(session, run, this.#clock.wall()));
  }

  async cancel(id: string): Promise<number> {
    const run = await this.#number(id);
    return this.#write((session) => this.#parts.changes.cancel(session, run, this.#clock.wall()), true);
  }

  async retry(
    id: string,
    { code = null, key = null }: { code?: string | null; key?: RowName | null },
  ): Promise<number> {
    const run = await this.#number(id);
    return this.#write(async (session) => {
      const jobs = key === null ? keyRange(run) : await jobsByRowId(session, run, key);
      if (jobs === null) return 0;
      const count = await this.#parts.retries.retry(session, run, jobs, code);
      if (count > 0) await session.execute(TELL_NEWS);
      return count;
    }, true);
  }

  async figures(id: string): Promise<RunFigures> {
    const run = await this.#number(id);
    return this.#snapshot((session) => figuresOf(session, run, this.#clock.wall()));
  }

  async spend(id: string): Promise<SpendReport> {
    const run = await this.#number(id);
    return this.#snapshot((session) => spendOf(session, run, this.#clock.wall()));
  }

  async unrescued(id: string): Promise<Unrescued> {
    const run = await this.#number(id);
    return this.#snapshot((session) => readUnrescued(session, run));
  }

  async history(id: string): Promise<HistorySpan[]> {
    const run = await this.#number(id);
    return this.#read((session) => historyOf(session, run));
  }

  async addHistory(id: string, spans: readonly HistorySpan[]): Promise<void> {
    const run = await this.#number(id);
    const locks = `history ${run}`;
    await this.#parts.commits.write((session) => addHistory(session, run, spans), { locks });
  }

  async page(id: string, query: PageQuery): Promise<ResultRow[]> {
    const run = await this.#number(id);
    return this.#read((session) => pageOf(session, run, query));
  }

  async search(id: string, query: SearchQuery): Promise<Found> {
    const run = await this.#number(id);
    return this.#read((session) => searchRows(session, run, query));
  }

  async outline(id: string, after: number, limit: number): Promise<OutlineRow[]> {
    const run = await this.#number(id);
    return this.#read((session) => outlineOf(session, run, after, limit));
  }

  async job(id: string, key: RowName): Promise<JobDetail | null> {
    const run = await this.#number(id);
    return this.#snapshot(async (session) => {
      const jobs = await jobsByRowId(session, run, key);
      return jobs === null ? null : jobDetail(session, jobs.first);
    });
  }

  async unhashed(id: string, after: number, limit: number): Promise<UnhashedRow[]> {
    const run = await this.#number(id);
    return this.#read((session) => unhashedRows(session, run, after, limit));
  }

  async setHashes(hashes: readonly { id: number; hash: Buffer }[]): Promise<void> {
    await this.#write((session) => setHashes(session, hashes));
  }

  listEndpoints(): Promise<EndpointRecord[]> {
    return this.#read(listEndpoints);
  }

  updateEndpoint(endpoint: string, change: (state: string | null) => string | null): Promise<string | null> {
    return this.#parts.commits.write(
      (session) => updateEndpoint(session, endpoint, change, this.#clock.wall()),
      { locks: endpoint },
    );
  }

  async verify(): Promise<Check[]> {
    const { address, owners, writer, spool } = this.#parts;
    const checks = await verify(
      address.schema,
      (work) => this.#snapshot(work),
      (session) => owners.dead(session, writer.reopenedAt),
    );
    return [...checks, checkSpool(spool)];
  }

  /** Closing it again does nothing. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { owners, membership, inHand, reader, writer } = this.#parts;
    // Without it, as the database is away, others see the lease run out, which comes to the same.
    await owners.leave().catch(() => {});
    inHand.close();
    membership.stop();
    await reader.close();
    await writer.close();
  }

  /** @throws LlmBatchError RUN_NOT_FOUND */
  async #number(id: string): Promise<number> {
    const known = this.#numbers.get(id);
    if (known !== undefined) return known;
    const number = await this.#read((session) => numberOf(session, id));
    this.#numbers.set(id, number);
    return number;
  }

  /** Empty for a run that this process has never worked on. */
  #idOf({ id }: ClaimedJob): string {
    const run = runOf(id);
    return [...this.#numbers].find(([, number]) => number === run)?.[0] ?? "";
  }

  #write<T>(work: (session: Session) => Promise<T>, isLong = false): Promise<T> {
    return this.#parts.commits.write(work, { isLong });
  }

  #read<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#patiently(() => this.#parts.reader.use(work, READ_MS));
  }

  /** Sees one state of the database. */
  #snapshot<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#patiently(() => this.#parts.reader.snapshot(work));
  }

  async #patiently<T>(work: () => Promise<T>): Promise<T> {
    const { patience, address } = this.#parts;
    try {
      return await patience.try(work);
    } catch (error) {
      throw databaseFault(error, address) ?? error;
    }
  }
}
