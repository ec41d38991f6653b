import type { Check } from "../../domain/check.ts";
import type { Ending } from "../../domain/ending.ts";
import { LlmBatchError } from "../../domain/errors.ts";
import type { ClaimedJob } from "../../domain/job.ts";
import type { Run, RunFigures } from "../../domain/run.ts";
import type { Clock } from "../../ports/clock.ts";
import type {
  EndpointRecord,
  JobDetail,
  NewRun,
  PageQuery,
  Rescue,
  ResultRow,
  RunImport,
  RunSelector,
  Store,
} from "../../ports/store.ts";
import { whenFree } from "./busy.ts";
import { databaseFault } from "./database-error.ts";
import { keyRange } from "./keys.ts";
import type { StoreParts } from "./parts.ts";
import { verify } from "./verify.ts";

/** The job table in an SQLite database: each method hands its work to the part that knows the statements. */
export class SqliteStore implements Store {
  readonly #parts: StoreParts;
  readonly #clock: Clock;

  constructor(parts: StoreParts) {
    this.#parts = parts;
    this.#clock = parts.pacing.clock;
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
    const total = { jobs: 0, inDoubtAtMost: 0 };
    for (const owner of await this.#read(() => owners.dead())) {
      const { jobs, inDoubtAtMost } = await this.#write(() => rescuer.rescue(owner, this.#clock.wall()));
      total.jobs += jobs;
      total.inDoubtAtMost += inDoubtAtMost;
    }
    await imports.dropAbandoned();
    return total;
  }

  async models(id: string): Promise<(string | null)[]> {
    const run = await this.#number(id);
    return this.#read(() => this.#parts.lanes.models(run));
  }

  async claim(id: string, model: string | null, limit: number): Promise<ClaimedJob[]> {
    const run = await this.#number(id);
    const owner = await this.#parts.owners.join(run);
    return this.#write(() =>
      this.#parts.claims.claim({ run, model, owner, limit, wallMs: this.#clock.wall() }),
    );
  }

  async record(ending: Ending): Promise<boolean> {
    const owner = await this.#parts.owners.find(ending.job.id);
    return this.#write(() => this.#parts.endings.record(ending, owner));
  }

  async release(jobs: readonly ClaimedJob[]): Promise<void> {
    const owned = await Promise.all(
      jobs.map(async (job) => ({ job, owner: await this.#parts.owners.find(job.id) })),
    );
    await this.#write(() => {
      for (const { job, owner } of owned) this.#parts.claims.release(job, owner);
    });
  }

  forgive(failures: readonly { job: number; attempt: number }[]): Promise<number> {
    return this.#write(() => this.#parts.forgiveness.forgive(failures));
  }

  async nextAvailableAt(id: string, model: string | null): Promise<number | null> {
    const run = await this.#number(id);
    return this.#read(() => this.#parts.waiting.nextAvailableAt(run, model, this.#clock.wall()));
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
    { code = null, key = null }: { code?: string | null; key?: string | null },
  ): Promise<number> {
    const run = await this.#number(id);
    return this.#write(() => {
      const job = key === null ? null : this.#parts.results.idOf(run, key);
      if (key !== null && job === null) return 0;
      const keys = job === null ? keyRange(run) : { first: job, last: job };
      return this.#parts.changes.retry(run, keys, code);
    });
  }

  async figures(id: string): Promise<RunFigures> {
    const run = await this.#number(id);
    return this.#read(() => this.#parts.figures.read(run, this.#clock.wall()));
  }

  async page(id: string, query: PageQuery): Promise<ResultRow[]> {
    const run = await this.#number(id);
    return this.#read(() => this.#parts.results.page(run, query));
  }

  async job(id: string, key: string): Promise<JobDetail | null> {
    const run = await this.#number(id);
    return this.#read(() => this.#parts.results.job(run, key));
  }

  listEndpoints(): Promise<EndpointRecord[]> {
    return this.#read(() => this.#parts.endpoints.list());
  }

  updateEndpoint(endpoint: string, change: (state: string | null) => string | null): Promise<string | null> {
    return this.#write(() => this.#parts.endpoints.update(endpoint, change, this.#clock.wall()));
  }

  verify(): Promise<Check[]> {
    const { reader, owners } = this.#parts;
    const verified = { db: reader, owners, wallMs: this.#clock.wall() };
    return verify(verified, (work) => this.#read(work));
  }

  async close(): Promise<void> {
    const { owners, reader, writer } = this.#parts;
    await owners.leave();
    reader.close();
    writer.close();
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

function runInUse(id: string): LlmBatchError {
  return new LlmBatchError({
    code: "RUN_IN_USE",
    message: `another process is working on ${id}`,
    hint: `stop that process, or end the run with \`llm-batch cancel ${id}\``,
  });
}
