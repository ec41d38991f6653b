import { JOB_STATES, type JobState } from "../domain/job.ts";
import type { Run } from "../domain/run.ts";
import type { Clock } from "../ports/clock.ts";
import type { StoreReader } from "../ports/store.ts";
import { historyColumns } from "../report/columns.ts";
import { type Advise, readFigures } from "../report/figures.ts";
import { pageHtml } from "../report/page-html.ts";
import type { ReportData, ReportedRow, RowList } from "../report/report-data.ts";
import { listedRow, wholeRow } from "../report/report-row.ts";
import { extremeRows } from "../report/sample.ts";
import { VERSION } from "../version.ts";

/** Rows of one answer at most. */
const LIST_ROWS = 50;
/** Rows looked at for one answer at most: a fraction of a second, so that the page can say how far it is. */
const SPAN = { text: 20_000, none: 200_000 };
const LIST_CHARACTERS = 300;
/** Most characters of the rows in one answer; longer texts are cut. */
const PAGE_CHARACTERS = 4_000_000;
const WHOLE_CHARACTERS = 1_000_000;

/** Which failed rows are to be sent again. */
export type Wanted = { rows: readonly number[] } | { code: string };

export interface LiveRunParts {
  store: StoreReader;
  run: Run;
  clock: Clock;
  /** See {@link ReportData}. */
  dbFlag: string;
  advise: Advise;
  /** Puts failed rows of a run back to pending. @returns how many are pending again */
  retry: (run: string, wanted: Wanted) => Promise<number>;
}

export interface RowQuery {
  after: number;
  /** A state; any other text stands for all. */
  state: string;
  /** Empty for all. */
  code: string;
  /** Empty for all. */
  text: string;
}

/** A run as the live page asks for it. Every question is answered by short reads. */
export class LiveRun {
  readonly #parts: LiveRunParts;

  constructor(parts: LiveRunParts) {
    this.#parts = parts;
  }

  get id(): string {
    return this.#parts.run.id;
  }

  retry(wanted: Wanted): Promise<number> {
    return this.#parts.retry(this.id, wanted);
  }

  async page(): Promise<string> {
    const { figures, history } = await this.state();
    return pageHtml({
      version: VERSION,
      madeAt: this.#parts.clock.wall(),
      isLive: true,
      dbFlag: this.#parts.dbFlag,
      figures,
      history,
      slowest: [],
      dearest: [],
      sample: { rows: [], total: figures.jobs.total, failures: 0 },
    });
  }

  async state(): Promise<Pick<ReportData, "figures" | "history">> {
    const { store, run, advise } = this.#parts;
    const current = (await store.findRun({ id: run.id })) ?? run;
    return {
      figures: await readFigures(store, current, advise),
      history: historyColumns(await store.history(run.id), current),
    };
  }

  extremes(): Promise<Pick<ReportData, "slowest" | "dearest">> {
    return extremeRows(this.#parts.store, this.#parts.run);
  }

  async rows({ after, state, code, text }: RowQuery): Promise<RowList> {
    const { store, run } = this.#parts;
    const { rows, next } = await store.search(run.id, {
      after,
      limit: LIST_ROWS,
      maxCharacters: PAGE_CHARACTERS,
      span: text === "" ? SPAN.none : SPAN.text,
      states: JOB_STATES.some((known) => known === state) ? [state as JobState] : JOB_STATES,
      code: code === "" ? null : code,
      text: text === "" ? null : text,
    });
    const form = { samples: run.request.samples, maxCharacters: LIST_CHARACTERS };
    return { rows: rows.map((row) => listedRow(row, form)), next };
  }

  async row(number: number): Promise<ReportedRow | null> {
    const { store, run } = this.#parts;
    const job = await store.job(run.id, number);
    return job && wholeRow(job, { samples: run.request.samples, maxCharacters: WHOLE_CHARACTERS });
  }
}
