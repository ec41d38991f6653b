import type { Check } from "../../domain/check.ts";
import type { HistorySpan } from "../../domain/history.ts";
import type { Run, RunFigures } from "../../domain/run.ts";
import type { SpendReport, Unrescued } from "../../domain/spend.ts";
import type { RecordedStop } from "../../domain/stop-reason.ts";
import type { Clock } from "../../ports/clock.ts";
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
  type EndpointRecord,
  type GroupSet,
  NO_GROUPS,
  type Queue,
  type RunSelector,
  type StoreReader,
} from "../../ports/store.ts";
import { firstDueAt, groupsOf } from "../rotation.ts";
import { checkSpool } from "../spool-check.ts";
import { whenFree } from "./busy.ts";
import { databaseFault } from "./database-error.ts";
import type { StoreParts } from "./parts.ts";
import { verify } from "./verify.ts";

/** Reads the job table in an SQLite database: each method hands its work to the part that knows the statements. */
export class SqliteReader implements StoreReader {
  readonly texts: ResultTexts;
  protected readonly parts: StoreParts;
  protected readonly clock: Clock;

  constructor(parts: StoreParts) {
    this.parts = parts;
    this.clock = parts.pacing.clock;
    this.texts = {
      lines: (id, query) => this.readRun(id, (run) => parts.texts.lines(run, query)),
      table: (id, query, withTexts) => this.readRun(id, (run) => parts.texts.table(run, query, withTexts)),
    };
  }

  findRun(by: RunSelector): Promise<Run | null> {
    return this.read(() => this.parts.runs.find(by));
  }

  listRuns(): Promise<Run[]> {
    return this.read(() => this.parts.runs.list());
  }

  isWorkedOn(id: string): Promise<boolean> {
    return this.readRun(id, (run) => this.parts.owners.isWorkedOnByOthers(run));
  }

  figures(id: string): Promise<RunFigures> {
    return this.readRun(id, (run) => this.parts.figures.read(run, this.clock.wall()));
  }

  spend(id: string): Promise<SpendReport> {
    const { reader, spend } = this.parts;
    return this.readRun(id, (run) => reader.transaction(() => spend.read(run, this.clock.wall()))());
  }

  unrescued(id: string): Promise<Unrescued> {
    const { reader, unrescued } = this.parts;
    return this.readRun(id, (run) => reader.transaction(() => unrescued.read(run))());
  }

  stops(id: string): Promise<RecordedStop[]> {
    return this.readRun(id, (run) => this.parts.stopReports.read(run));
  }

  models(id: string): Promise<(string | null)[]> {
    return this.readRun(id, (run) => this.parts.lanes.models(run));
  }

  nextAvailableAt(id: string, queue: Queue, closed: GroupSet = NO_GROUPS): Promise<number | null> {
    return this.readRun(id, (run) => {
      return firstDueAt(this.parts.pendingLanes.pending(run, queue), { closed, wallMs: this.clock.wall() });
    });
  }

  pendingGroups(id: string, queue: Queue): Promise<ReadonlySet<string>> {
    return this.readRun(id, (run) => groupsOf(this.parts.pendingLanes.pending(run, queue)));
  }

  history(id: string): Promise<HistorySpan[]> {
    return this.readRun(id, (run) => this.parts.history.read(run));
  }

  page(id: string, query: PageQuery): Promise<ResultRow[]> {
    return this.readRun(id, (run) => this.parts.results.page(run, query));
  }

  search(id: string, query: SearchQuery): Promise<Found> {
    return this.readRun(id, (run) => this.parts.search.find(run, query));
  }

  outline(id: string, after: number, limit: number): Promise<OutlineRow[]> {
    return this.readRun(id, (run) => this.parts.outline.page(run, after, limit));
  }

  job(id: string, key: RowName): Promise<JobDetail | null> {
    return this.readRun(id, (run) => {
      const jobs = this.parts.rowIds.jobs(run, key);
      return jobs === null ? null : this.parts.results.job(jobs.first);
    });
  }

  listEndpoints(): Promise<EndpointRecord[]> {
    return this.read(() => this.parts.endpoints.list());
  }

  async verify(): Promise<Check[]> {
    const { reader, owners, spool } = this.parts;
    const verified = { db: reader, owners, wallMs: this.clock.wall() };
    return [...(await verify(verified, (work) => this.read(work))), checkSpool(spool)];
  }

  async close(): Promise<void> {
    const { owners, inHand, reader, writer } = this.parts;
    inHand.close();
    await owners.leave();
    reader.close();
    writer.close();
  }

  /** @throws LlmBatchError RUN_NOT_FOUND */
  protected number(id: string): Promise<number> {
    return this.read(() => this.parts.runs.numberOf(id));
  }

  protected async readRun<T>(id: string, work: (run: number) => T): Promise<T> {
    const run = await this.number(id);
    return this.read(() => work(run));
  }

  protected async read<T>(work: () => T): Promise<T> {
    try {
      return await whenFree(work, this.parts.pacing);
    } catch (error) {
      throw databaseFault(error, this.parts.reader.name) ?? error;
    }
  }
}
