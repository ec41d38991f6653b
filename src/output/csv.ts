import { stringify } from "csv-stringify/sync";
import type { ResultRow } from "../ports/store.ts";
import type { InputColumns } from "./input-columns.ts";
import { statusOf } from "./status.ts";

type Cell = string | number | null;

/** The columns of a result, which come after those of the input. */
const RESULT_COLUMNS: Readonly<Record<string, (row: ResultRow) => Cell>> = {
  llm_status: (row) => statusOf(row.state),
  llm_output: (row) => outputText(row.output),
  llm_error: (row) => (row.errorCode === null ? null : `${row.errorCode}: ${row.errorMessage}`),
  llm_model: (row) => row.model,
  llm_input_tokens: (row) => row.inputTokens,
  llm_output_tokens: (row) => row.outputTokens,
  llm_cost_usd: (row) => row.costUsd,
  llm_attempts: (row) => row.attempts,
};

const RESULT_NAMES = Object.keys(RESULT_COLUMNS);
const RESULT_CELLS = Object.values(RESULT_COLUMNS);

/** Writes results as CSV text, each line ended by LF. */
export class CsvFormat {
  readonly #input: InputColumns;
  readonly #keeps: (cell: Cell, index: number) => boolean;
  readonly #escapeFormulas: boolean;

  /**
   * @param input a column of it that is named like a result's gives way to that, as when the results of an earlier
   * run are read again
   * @param escapeFormulas puts `'` before what a spreadsheet would take for a formula
   */
  constructor(input: InputColumns, escapeFormulas: boolean) {
    const kept = input.names.map((name) => !Object.hasOwn(RESULT_COLUMNS, name));
    this.#input = input;
    this.#keeps = (_, index) => kept[index]!;
    this.#escapeFormulas = escapeFormulas;
  }

  header(): string {
    return this.#lines([[...this.#input.names.filter(this.#keeps), ...RESULT_NAMES]]);
  }

  rows(results: readonly ResultRow[]): string {
    return this.#lines(
      results.map((result) => [
        ...this.#input.cells(result).filter(this.#keeps),
        ...RESULT_CELLS.map((cell) => cell(result)),
      ]),
    );
  }

  #lines(records: Cell[][]): string {
    return stringify(records, { escape_formulas: this.#escapeFormulas });
  }
}

/** A text stands as it is, anything else as its JSON text. */
function outputText(json: string | null): string | null {
  return json?.startsWith('"') ? (JSON.parse(json) as string) : json;
}
