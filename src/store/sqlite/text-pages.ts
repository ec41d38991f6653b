import { JOB_STATES, type JobState } from "../../domain/job.ts";
import type { LinesPage, StretchQuery, TablePage, TableRow } from "../../ports/result-texts.ts";
import { type KeyRange, keyRange } from "../keys.ts";
import type { Database } from "./driver.ts";
import { LINES, TABLE } from "./row-texts.ts";

const LAST = "SELECT max(id) FROM jobs WHERE id BETWEEN @first AND @last";
/** Told by the heads of the records: the texts themselves are not read. */
const BYTES = `
  SELECT (SELECT total(octet_length(row)) FROM inputs WHERE id BETWEEN @first AND @last)
    + (SELECT total(octet_length(output)) FROM results WHERE job BETWEEN @first AND @last)`;

type Parameters = KeyRange & { states: string };

/** Reads the results of runs of one answer a row, a stretch of rows at a time, each in one piece. */
export class TextPages {
  readonly #last;
  readonly #bytes;
  readonly #lines;
  readonly #table;

  constructor(db: Database) {
    db.function("js_number", { deterministic: true }, String);
    this.#last = db.prepare<[KeyRange], number | null>(LAST).pluck();
    this.#bytes = db.prepare<[KeyRange], number>(BYTES).pluck();
    this.#lines = db.prepare<[Parameters], [string, ...number[]]>(LINES).raw();
    this.#table = db.prepare<[Parameters & { texts: number }], string>(TABLE).pluck();
  }

  lines(run: number, query: StretchQuery): LinesPage | null {
    const stretch = this.#stretch(run, query);
    if (stretch === null) return null;
    const [text, ...counts] = this.#lines.get({ ...stretch, states: query.states.join() })!;
    const byState = Object.fromEntries(JOB_STATES.map((state, at) => [state, counts[at]!]));
    return {
      text,
      byState: byState as Record<JobState, number>,
      last: stretch.last,
    };
  }

  table(run: number, query: StretchQuery, withTexts: boolean): TablePage | null {
    const stretch = this.#stretch(run, query);
    if (stretch === null) return null;
    const rows = this.#table.get({ ...stretch, states: query.states.join(), texts: Number(withTexts) })!;
    return { rows: (JSON.parse(rows) as TableValues[]).map(toTableRow), last: stretch.last };
  }

  /** Halved until it is short enough, or one row. */
  #stretch(run: number, { after, limit, maxBytes }: StretchQuery): KeyRange | null {
    const ofRun = keyRange(run);
    const first = Math.max(after + 1, ofRun.first);
    const end = this.#last.get({ first, last: ofRun.last }) ?? null;
    if (end === null) return null;
    let last = Math.min(first + limit - 1, end);
    while (last > first && this.#bytes.get({ first, last })! > maxBytes) {
      last = first + Math.floor((last - first) / 2);
    }
    return { first, last };
  }
}

/** What an answer that is a row's own has, in the order of the statement: as arrays they are parsed in half the time. */
type TableValues = [
  key: string,
  source: number,
  state: JobState,
  row: unknown,
  rowText: string | null,
  answer: string,
  errorCode: string | null,
  errorMessage: string | null,
  model: string | null,
  inputTokens: number | null,
  outputTokens: number | null,
  costUsd: number | null,
  attempts: number,
];

function toTableRow(values: TableValues): TableRow {
  return {
    key: values[0],
    sample: 1,
    source: values[1],
    state: values[2],
    row: values[3],
    rowText: values[4],
    answer: values[5],
    errorCode: values[6],
    errorMessage: values[7],
    model: values[8],
    inputTokens: values[9],
    outputTokens: values[10],
    costUsd: values[11],
    attempts: values[12],
    answeredBy: null,
  };
}
