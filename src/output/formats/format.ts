import type { Run } from "../../domain/run.ts";
import type { TableRow } from "../../ports/result-texts.ts";
import type { ResultRow } from "../../ports/results.ts";

/** A piece of a file: bytes where the format is binary. */
export type Part = string | Uint8Array;

/** One way to write results down: `begin` once, `rows` for each page in input order, `end` once. */
export interface Format {
  begin(): Part;
  /** May be empty where a format gathers rows first. */
  rows(rows: readonly ResultRow[]): Part;
  /** As `rows`, where a format is a table. */
  table?(rows: readonly TableRow[]): Part;
  end(): Part;
}

/** What a format may want to know before its first row. */
interface FormatContext {
  run: Run;
  /** Reads the rows that are going to be written. */
  pages(): AsyncIterable<readonly TableRow[]>;
  /** Whether that is every row of the run. */
  isWhole: boolean;
  /** Adds the provider's whole response; JSONL only. */
  includeRaw: boolean;
  /** Keeps spreadsheets from reading texts as formulas; CSV only. */
  escapeFormulas: boolean;
  /** Gives each field of the answers' schema a column; CSV and TSV only. */
  answerColumns: boolean;
  /** What the names of the results' columns begin with, null for the usual; CSV and TSV only. */
  columnPrefix: string | null;
}

/** A format's entry in the table of formats. */
export interface FormatKind {
  /** The file endings that choose it. */
  endings: readonly string[];
  /** Whether it is made from the provider's responses, so that they are read too. */
  needsResponses: boolean;
  /** Whether what is written can be read before the end is. */
  streams: boolean;
  /** Loads the module that `create` will need, where it has one of its own. */
  load?(): Promise<unknown>;
  create(context: FormatContext): Promise<Format>;
}

/** A format of one line a row, and nothing before or after. */
export function lineFormat(line: (row: ResultRow) => string): Format {
  return {
    begin: () => "",
    rows: (rows) => {
      let text = "";
      for (const row of rows) text += `${line(row)}\n`;
      return text;
    },
    end: () => "",
  };
}
