import { stringify } from "csv-stringify/sync";
import type { ResultRow } from "../ports/store.ts";
import { answerText } from "./answer-text.ts";
import { answeredByText } from "./answered-by.ts";
import type { Format } from "./format.ts";
import type { InputColumns } from "./input-columns.ts";
import { statusOf } from "./status.ts";

type Cell = string | number | null;
type Columns = Readonly<Record<string, (row: ResultRow) => Cell>>;

/** Which of the row's answers it is; only where each row has several. */
const SAMPLE_COLUMN: Columns = { llm_sample: (row) => row.sample };

/** The row whose answer was taken over; only where rows may share answers. */
const SHARING_COLUMN: Columns = { llm_answered_by: answeredByText };

/** The columns of a result, which come after those of the input. */
const RESULT_COLUMNS: Columns = {
  llm_status: (row) => statusOf(row.state),
  llm_output: answerText,
  llm_error: (row) => (row.errorCode === null ? null : `${row.errorCode}: ${row.errorMessage}`),
  llm_model: (row) => row.model,
  llm_input_tokens: (row) => row.inputTokens,
  llm_output_tokens: (row) => row.outputTokens,
  llm_cost_usd: (row) => row.costUsd,
  llm_attempts: (row) => row.attempts,
};

interface CsvOptions {
  withSample: boolean;
  /** Says whose answer a row has that was not sent itself. */
  withSharing: boolean;
  /** Puts `'` before what a spreadsheet would take for a formula. */
  escapeFormulas: boolean;
}

/** Writes results as CSV text, each line ended by LF. */
export class CsvFormat implements Format {
  readonly #input: InputColumns;
  readonly #keeps: (cell: Cell, index: number) => boolean;
  readonly #result: Columns;
  readonly #cells: readonly ((row: ResultRow) => Cell)[];
  readonly #escapeFormulas: boolean;

  /**
   * @param input a column of it that is named like a result's gives way to that, as when the results of an earlier
   * run are read again
   */
  constructor(input: InputColumns, { withSample, withSharing, escapeFormulas }: CsvOptions) {
    this.#result = {
      ...(withSample && SAMPLE_COLUMN),
      ...RESULT_COLUMNS,
      ...(withSharing && SHARING_COLUMN),
    };
    this.#cells = Object.values(this.#result);
    const kept = input.names.map((name) => !Object.hasOwn(this.#result, name));
    this.#input = input;
    this.#keeps = (_, index) => kept[index]!;
    this.#escapeFormulas = escapeFormulas;
  }

  begin(): string {
    return this.#lines([[...this.#input.names.filter(this.#keeps), ...Object.keys(this.#result)]]);
  }

  rows(results: readonly ResultRow[]): string {
    return this.#lines(
      results.map((result) => [
        ...this.#input.cells(result).filter(this.#keeps),
        ...this.#cells.map((cell) => cell(result)),
      ]),
    );
  }

  end(): string {
    return "";
  }

  #lines(records: Cell[][]): string {
    return stringify(records, { escape_formulas: this.#escapeFormulas });
  }
}
