import type { Check } from "../../domain/check.ts";
import type { HistorySpan } from "../../domain/history.ts";
import type { Run, RunFigures } from "../../domain/run.ts";
import type { SpendReport, Unrescued } from "../../domain/spend.ts";
import type { RecordedStop } from "../../domain/stop-reason.ts";
import type { Clock } from "../../ports/clock.ts";
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
  type EndpointRecord,
  type GroupSet,
  NO_GROUPS,
  type Queue,
  type RunSelector,
  type StoreReader,
} from "../../ports/store.ts";
import { firstDueAt, groupsOf } from "../rotation.ts";
import { checkSpool } from "../spool-check.ts";
import { databaseFault } from "./database-error.ts";
import { listEndpoints } from "./endpoints.ts";
import { figuresOf } from "./figures.ts";
import { historyOf } from "./history.ts";
import { modelsOf, pendingLanesOf } from "./lanes.ts";
import { outlineOf } from "./outline.ts";
import type { StoreParts } from "./parts.ts";
import { readUnrescued } from "./rescuer.ts";
import { jobDetail, pageOf } from "./results.ts";
import { jobsByRowId } from "./row-ids.ts";
import { findRun, listRuns, numberOf } from "./runs.ts";
import { searchRows } from "./search.ts";
import type { Session } from "./session.ts";
import { spendOf } from "./spend-report.ts";
import { stopsOf } from "./stops.ts";
import { verify } from "./verify.ts";

/** What a read may take before the server is taken to be gone. */
const READ_MS = 120_000;

/** Reads the job table in PostgreSQL: each method hands its work to the part that knows the statements. */
export class PostgresReader implements StoreReader {
  protected readonly parts: StoreParts;
  protected readonly clock: Clock;
  /** Of runs that were asked for, by their ids: a number never changes. */
  protected readonly numbers = new Map<string, number>();
  #closing: Promise<void> | null = null;

  constructor(parts: StoreParts) {
    this.parts = parts;
    this.clock = parts.clock;
  }

  findRun(by: RunSelector): Promise<Run | null> {
    return this.read((session) => findRun(session, by));
  }

  listRuns(): Promise<Run[]> {
    return this.read(listRuns);
  }

  isWorkedOn(id: string): Promise<boolean> {
    return this.readRun(id, (session, run) => this.parts.owners.isWorkedOnByOthers(session, run));
  }

  figures(id: string): Promise<RunFigures> {
    return this.#snapshotRun(id, (session, run) => figuresOf(session, run, this.clock.wall()));
  }

  spend(id: string): Promise<SpendReport> {
    return this.#snapshotRun(id, (session, run) => spendOf(session, run, this.clock.wall()));
  }

  unrescued(id: string): Promise<Unrescued> {
    return this.#snapshotRun(id, readUnrescued);
  }

  stops(id: string): Promise<RecordedStop[]> {
    return this.readRun(id, stopsOf);
  }

  models(id: string): Promise<(string | null)[]> {
    return this.readRun(id, modelsOf);
  }

  async nextAvailableAt(id: string, queue: Queue, closed: GroupSet = NO_GROUPS): Promise<number | null> {
    const pending = await this.readRun(id, (session, run) => pendingLanesOf(session, run, queue));
    return firstDueAt(pending, { closed, wallMs: this.clock.wall() });
  }

  async pendingGroups(id: string, queue: Queue): Promise<ReadonlySet<string>> {
    return groupsOf(await this.readRun(id, (session, run) => pendingLanesOf(session, run, queue)));
  }

  history(id: string): Promise<HistorySpan[]> {
    return this.readRun(id, historyOf);
  }

  page(id: string, query: PageQuery): Promise<ResultRow[]> {
    return this.readRun(id, (session, run) => pageOf(session, run, query));
  }

  search(id: string, query: SearchQuery): Promise<Found> {
    return this.readRun(id, (session, run) => searchRows(session, run, query));
  }

  outline(id: string, after: number, limit: number): Promise<OutlineRow[]> {
    return this.readRun(id, (session, run) => outlineOf(session, run, after, limit));
  }

  job(id: string, key: RowName): Promise<JobDetail | null> {
    return this.#snapshotRun(id, async (session, run) => {
      const jobs = await jobsByRowId(session, run, key);
      return jobs === null ? null : jobDetail(session, jobs.first);
    });
  }

  listEndpoints(): Promise<EndpointRecord[]> {
    return this.read(listEndpoints);
  }

  async verify(): Promise<Check[]> {
    const { address, owners, writer, spool } = this.parts;
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
    const { owners, membership, inHand, reader, writer } = this.parts;
    // Without it, as the database is away, others see the lease run out, which comes to the same.
    await owners.leave().catch(() => {});
    inHand.close();
    membership.stop();
    await reader.close();
    await writer.close();
  }

  /** @throws LlmBatchError RUN_NOT_FOUND */
  protected async number(id: string): Promise<number> {
    const known = this.numbers.get(id);
    if (known !== undefined) return known;
    const number = await this.read((session) => numberOf(session, id));
    this.numbers.set(id, number);
    return number;
  }

  protected read<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#patiently(() => this.parts.reader.use(work, READ_MS));
  }

  protected async readRun<T>(id: string, work: (session: Session, run: number) => Promise<T>): Promise<T> {
    const run = await this.number(id);
    return this.read((session) => work(session, run));
  }

  async #snapshotRun<T>(id: string, work: (session: Session, run: number) => Promise<T>): Promise<T> {
    const run = await this.number(id);
    return this.#snapshot((session) => work(session, run));
  }

  /** Sees one state of the database. */
  #snapshot<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#patiently(() => this.parts.reader.snapshot(work));
  }

  async #patiently<T>(work: () => Promise<T>): Promise<T> {
    const { patience, address } = this.parts;
    try {
      return await patience.try(work);
    } catch (error) {
      throw databaseFault(error, address) ?? error;
    }
  }
}
