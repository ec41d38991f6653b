import type { ReportData, ReportedFigures, ReportedRow, RowList, RunList } from "../report-data.ts";
import { count, plural } from "./format.ts";

export interface RowQuery {
  /** A state, or empty for all. */
  state: string;
  /** An error code, or empty for all. */
  code: string;
  /** Found in ids, rows and answers; empty for all. */
  text: string;
}

/** Where the rows of the list come from: the file itself, or `llm-batch ui`. */
export interface RowSource {
  /** What the list holds, in words. */
  readonly note: string;
  /** The next rows that fit, above the cursor of the answer before; few or none of them where there is more to look at. */
  find(query: RowQuery, from: number, signal: AbortSignal): Promise<RowList>;
  /** A row with its attempts. */
  whole(row: Pick<ReportedRow, "number">): Promise<ReportedRow>;
}

const PAGE_ROWS = 50;

/** The rows that the file carries. */
export class EmbeddedRows implements RowSource {
  readonly note: string;
  readonly #rows: readonly ReportedRow[];

  constructor({ sample, figures, dbFlag }: ReportData) {
    this.#rows = sample.rows;
    this.note = noteOf(sample, figures, dbFlag);
  }

  async find(query: RowQuery, from: number): Promise<RowList> {
    const rows: ReportedRow[] = [];
    const text = query.text.toLowerCase();
    let at = from;
    for (; at < this.#rows.length && rows.length < PAGE_ROWS; at++) {
      if (fits(this.#rows[at]!, query, text)) rows.push(this.#rows[at]!);
    }
    return { rows, next: at < this.#rows.length ? at : null };
  }

  async whole({ number }: Pick<ReportedRow, "number">): Promise<ReportedRow> {
    const row = this.#rows.find((one) => one.number === number);
    if (!row) throw new Error("it is not among the rows of this file");
    return row;
  }
}

/** Every row of the run, a request away. */
export class ServedRows implements RowSource {
  readonly note = "Every row of the run can be searched.";

  async find({ state, code, text }: RowQuery, from: number, signal: AbortSignal): Promise<RowList> {
    const query = new URLSearchParams({ after: String(from), state, code, text });
    return (await getJson(`rows?${query}`, signal)) as RowList;
  }

  async whole({ number }: Pick<ReportedRow, "number">): Promise<ReportedRow> {
    return (await getJson(`row?number=${number}`)) as ReportedRow;
  }
}

/** The slowest and the dearest rows as they are now. */
export async function getExtremes(): Promise<Pick<ReportData, "slowest" | "dearest">> {
  return (await getJson("extremes")) as Pick<ReportData, "slowest" | "dearest">;
}

export async function getRuns(shown: string): Promise<RunList> {
  return (await getJson(`../runs?${new URLSearchParams({ shown })}`)) as RunList;
}

async function getJson(path: string, signal?: AbortSignal): Promise<unknown> {
  const response = await fetch(path, signal ? { signal } : {});
  if (!response.ok) throw new Error(`llm-batch ui answered ${response.status}`);
  return response.json();
}

function fits(row: ReportedRow, { state, code }: RowQuery, text: string): boolean {
  if (state !== "" && row.state !== state) return false;
  if (code !== "" && row.error?.code !== code) return false;
  if (text === "") return true;
  return [row.id, row.prompt.text, row.input?.text, row.answer?.text, row.error?.message].some((part) =>
    part?.toLowerCase().includes(text),
  );
}

function noteOf(
  { rows, total, failures }: ReportData["sample"],
  { run, jobs }: ReportedFigures,
  dbFlag: string,
): string {
  if (rows.length >= total) return `All ${plural(total, "row")} of the run.`;
  const failed =
    failures < jobs.failed
      ? `${count(failures)} of ${plural(jobs.failed, "failure")}`
      : failureText(failures);
  return (
    `A sample: ${count(rows.length)} of ${count(total)} rows, with ${failed}, the slowest and the dearest, and the others in equal steps. ` +
    `Figures and plots count every row. Browse all of them with: llm-batch ui ${run}${dbFlag}`
  );
}

function failureText(failures: number): string {
  return failures === 0
    ? "no failure to show"
    : failures === 1
      ? "the only failure"
      : `all ${count(failures)} failures`;
}
