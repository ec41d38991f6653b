import { CsvError, Parser } from "csv-parse";
import { Columns } from "../domain/column-row.ts";
import { LlmBatchError } from "../domain/errors.ts";
import { MAX_LINE_BYTES, readBlocks } from "./blocks.ts";
import { checkHeader, doubtDelimiter } from "./csv-header.ts";
import { CsvPlaces } from "./csv-places.ts";
import { delimiterHint, otherDelimiter } from "./delimiters.ts";
import type { InputRecord } from "./records.ts";
import { ROW_ERRORS } from "./row-errors.ts";

/** The parser's complaints in our words; its own name lines by a count that can be wrong. */
const REASONS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: "a quote is opened and never closed",
  CSV_INVALID_CLOSING_QUOTE: "text follows a closing quote",
  INVALID_OPENING_QUOTE: "a quote stands inside a field that has no quotes around it",
  CSV_MAX_RECORD_SIZE: "the record is longer than 64 MiB, so a quote may be missing",
};

/** What the parser gets at once: V8 copies the records of more before they are taken. */
const PIECE_BYTES = 16 * 1024;

const NEWLINE = 0x0a;
const QUOTE = 0x22;

const QUOTE_HINT = 'put the field in double quotes and double the quotes inside it: "5"" pipe"';
const LENGTH_HINT = `shorten the field, or where a quote runs on too far, ${QUOTE_HINT}`;

export interface CsvOptions {
  /** For messages. */
  path: string;
  delimiter: string;
  /** Whether the user has named it: then it isn't doubted. Default false. */
  isDelimiterGiven?: boolean;
  /** Called once, with the names in the header. */
  onColumns(columns: readonly string[]): void;
  /** The longest line and the longest record. Default 64 MiB. */
  maxRecordBytes?: number;
}

/**
 * Reads CSV or TSV, a batch of records for each block of bytes. The first record is the header. A line with nothing
 * in it is skipped.
 * @throws LlmBatchError BAD_HEADER, BAD_ENCODING, BAD_CSV: what makes the rest of the file unreadable.
 */
export async function* readCsv(
  chunks: AsyncIterable<Buffer>,
  options: CsvOptions,
): AsyncGenerator<InputRecord[]> {
  const { path, maxRecordBytes = MAX_LINE_BYTES } = options;
  const places = new CsvPlaces();
  const records = new CsvRecords(options, places);
  const parser = new RecordParser(options, maxRecordBytes, (fields, endOffset) =>
    records.add(fields, endOffset),
  );
  for await (const { bytes, tooLong } of readBlocks(chunks, maxRecordBytes)) {
    if (tooLong) throw badCsv(path, places.nextLine, "the line is longer than 64 MiB", LENGTH_HINT);
    places.add(bytes);
    for (const piece of piecesOf(bytes)) {
      parse(options, places, () => parser.parse(piece));
      yield records.take();
    }
  }
  parse(options, places, () => parser.finish());
  yield records.take();
}

/** Whole lines, as many of them as make up a piece; a longer line is one by itself. */
function* piecesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const last = bytes.lastIndexOf(NEWLINE, at + PIECE_BYTES);
    const newline = last >= at ? last : bytes.indexOf(NEWLINE, at);
    const end = newline < 0 ? bytes.length : newline + 1;
    yield bytes.subarray(at, end);
    at = end;
  }
}

/** Parses whole lines. Hands every record over as it is parsed; as a stream of objects they would cost twice the time. */
class RecordParser extends Parser {
  readonly #onRecord: (fields: string[], endOffset: number) => void;

  constructor(
    { delimiter }: CsvOptions,
    maxRecordBytes: number,
    onRecord: (fields: string[], endOffset: number) => void,
  ) {
    super({
      delimiter,
      record_delimiter: ["\r\n", "\n"],
      relax_column_count: true,
      // In TSV a quote inside a field is usual; in CSV it is a sign of broken quoting.
      relax_quotes: delimiter === "\t",
      max_record_size: maxRecordBytes,
    });
    this.#onRecord = onRecord;
    const { api } = this as { api?: object };
    if (api) answerFor(api);
  }

  parse(lines: Buffer): void {
    this._transform(lines, "utf8", throwIfAny);
  }

  finish(): void {
    this._flush(throwIfAny);
  }

  /** What the parser puts into the stream: a record, or null at the end. */
  override push(fields: string[] | null): boolean {
    if (fields === null) return super.push(null);
    this.#onRecord(fields, this.info.bytes);
    return true;
  }
}

/**
 * The parser's own questions at each byte, which took half of its time: in whole lines all is there that it may have to look ahead
 * for, and a quote is one byte, whose length it asked for each time.
 */
const ANSWERS = {
  __needMoreData: () => false,
  __isQuote: isQuote,
  __isEscape: isQuote,
};

function isQuote(bytes: Buffer, at: number): boolean {
  return bytes[at] === QUOTE;
}

function answerFor(api: object): void {
  for (const [question, answer] of Object.entries(ANSWERS)) {
    if (question in api) Object.assign(api, { [question]: answer });
  }
}

function throwIfAny(error?: Error | null): void {
  if (error) throw error;
}

function parse({ path, delimiter }: CsvOptions, places: CsvPlaces, send: () => void): void {
  try {
    send();
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const other = delimiterInHeader(error, delimiter);
    const hint = other === null ? QUOTE_HINT : `${delimiterHint(other)}; else ${QUOTE_HINT}`;
    throw badCsv(path, places.line, REASONS[error.code] ?? error.message, hint, error);
  }
}

/** The separator that follows the quote at which the parser stopped in the header, or stands before it. */
function delimiterInHeader(error: CsvError, inUse: string): string | null {
  if ((error as { records?: number }).records !== 0) return null;
  const [, after, before] = /got "(.)"|value is (".*")/s.exec(error.message) ?? [];
  return otherDelimiter(after ?? before ?? "", inUse);
}

function badCsv(
  path: string,
  line: number,
  reason: string,
  hint = QUOTE_HINT,
  cause?: unknown,
): LlmBatchError {
  const message = `${path}:${line}: can't be read from here on: ${reason}`;
  return new LlmBatchError({ code: "BAD_CSV", message, hint, cause });
}

/** Makes rows of the parser's records, and collects them. */
class CsvRecords {
  readonly #options: CsvOptions;
  readonly #places: CsvPlaces;
  #columns: Columns | null = null;
  #records: InputRecord[] = [];

  constructor(options: CsvOptions, places: CsvPlaces) {
    this.#options = options;
    this.#places = places;
  }

  take(): InputRecord[] {
    const records = this.#records;
    this.#records = [];
    return records;
  }

  add(fields: readonly string[], endOffset: number): void {
    const { line, isUtf8 } = this.#places.pass(endOffset);
    if (fields.length === 1 && fields[0]!.trim() === "") return;
    if (this.#columns === null) this.#readHeader(fields, line, isUtf8);
    else this.#records.push(recordOf(this.#columns, fields, line, isUtf8));
  }

  #readHeader(fields: readonly string[], line: number, isUtf8: boolean): void {
    const { path, delimiter, isDelimiterGiven } = this.#options;
    const place = `${path}:${line}`;
    checkHeader(fields, place, isUtf8);
    if (!isDelimiterGiven) doubtDelimiter(fields, delimiter, place);
    this.#columns = new Columns(fields);
    this.#options.onColumns(fields);
  }
}

/** A record that doesn't fit the header stands as an array, so that it can be shown as it came. */
function recordOf(columns: Columns, fields: readonly string[], line: number, isUtf8: boolean): InputRecord {
  const error = findError(columns, fields, isUtf8);
  if (fields.length !== columns.count) return { line, text: JSON.stringify(fields), error };
  const row = columns.row(fields);
  return { line, text: row.text, row, error };
}

function findError(columns: Columns, fields: readonly string[], isUtf8: boolean): InputRecord["error"] {
  if (!isUtf8) return { code: "BAD_ENCODING", message: ROW_ERRORS.BAD_ENCODING.meaning };
  if (fields.length !== columns.count) {
    return {
      code: "RAGGED_ROW",
      message: `the header has ${columns.count} fields, the record ${fields.length}`,
    };
  }
  if (fields.every(isEmpty)) {
    return { code: "EMPTY_ROW", message: ROW_ERRORS.EMPTY_ROW.meaning };
  }
  return null;
}

function isEmpty(field: string): boolean {
  return field === "";
}
