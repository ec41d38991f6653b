import type { TableRow } from "../../ports/result-texts.ts";
import type { ResultRow } from "../../ports/results.ts";
import { answerCells } from "./answer-columns.ts";
import { answeredByText } from "./answered-by.ts";
import { cellWriter, type Separator } from "./csv-cell.ts";
import type { Format } from "./format.ts";
import type { InputColumns } from "./input-columns.ts";
import { statusOf } from "./status.ts";
import { toTableRow } from "./table-row.ts";

type Cell = string | number | null;
type Columns = Readonly<Record<string, (row: TableRow) => Cell>>;

/** Which of the row's answers it is; only where each row has several. */
const SAMPLE_COLUMN: Columns = { sample: (row) => row.sample };

/** The row whose answer was taken over; only where rows may share answers. */
const SHARING_COLUMN: Columns = { answered_by: answeredByText };

/** The columns of a result, which come after those of the input. */
const RESULT_COLUMNS: Columns = {
  status: (row) => statusOf(row.state),
  output: (row) => row.answer,
  error: (row) => (row.errorCode === null ? null : `${row.errorCode}: ${row.errorMessage}`),
  model: (row) => row.model,
  input_tokens: (row) => row.inputTokens,
  output_tokens: (row) => row.outputTokens,
  cost_usd: (row) => row.costUsd,
  attempts: (row) => row.attempts,
};

const USUAL_PREFIX = "llm_";

interface CsvOptions {
  separator: Separator;
  withSample: boolean;
  /** Says whose answer a row has that was not sent itself. */
  withSharing: boolean;
  /** Puts `'` before what a spreadsheet would take for a formula. */
  escapeFormulas: boolean;
  /** Fields of the answers that get columns of their own, at the end. */
  answerFields: readonly string[];
  /** What the names of a result's columns begin with; null for the usual. */
  columnPrefix: string | null;
}

/** Writes results as CSV or TSV, each line ended by LF. */
export class CsvFormat implements Format {
  readonly #input: InputColumns;
  readonly #names: readonly string[];
  readonly #values: readonly ((row: TableRow) => Cell)[];
  readonly #separator: Separator;
  readonly #answerFields: readonly string[];
  readonly #cell: (text: string) => string;

  /**
   * @param input a column of it that is named like a result's gives way to that, as when the results of an earlier
   * run are read again
   */
  constructor(
    input: InputColumns,
    { separator, withSample, withSharing, escapeFormulas, answerFields, columnPrefix }: CsvOptions,
  ) {
    const columns = {
      ...(withSample && SAMPLE_COLUMN),
      ...RESULT_COLUMNS,
      ...(withSharing && SHARING_COLUMN),
    };
    const names = [...Object.keys(columns), ...answerFields.map((field) => `output.${field}`)];
    this.#names = names.map((name) => (columnPrefix ?? USUAL_PREFIX) + name);
    this.#values = Object.values(columns);
    this.#answerFields = answerFields;
    this.#input = input.without(this.#names);
    this.#separator = separator;
    this.#cell = cellWriter(separator, escapeFormulas);
  }

  begin(): string {
    return `${[...this.#input.names, ...this.#names].map(this.#cell).join(this.#separator)}\n`;
  }

  rows(results: readonly ResultRow[]): string {
    return this.table(results.map(toTableRow));
  }

  /** As `rows`. Cells that are neither text nor empty need the rows' texts. */
  table(rows: readonly TableRow[]): string {
    let text = "";
    for (const row of rows) {
      for (const cell of this.#input.cells(row)) text += this.#cell(cell) + this.#separator;
      text += `${this.#resultCells(row)}\n`;
    }
    return text;
  }

  end(): string {
    return "";
  }

  #resultCells(row: TableRow): string {
    let text = "";
    let separator = "";
    for (const value of this.#values) {
      const cell = value(row);
      text += separator;
      separator = this.#separator;
      if (cell !== null) text += typeof cell === "string" ? this.#cell(cell) : cell;
    }
    if (this.#answerFields.length === 0) return text;
    for (const cell of answerCells(row, this.#answerFields)) text += this.#separator + this.#cell(cell);
    return text;
  }
}
