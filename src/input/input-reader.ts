import { basename } from "node:path";
import { setImmediate } from "node:timers/promises";
import { LlmBatchError } from "../domain/errors.ts";
import type { RequestSettings } from "../domain/request.ts";
import type { InputFormat, Source } from "../domain/run.ts";
import { BadRows } from "./bad-rows.ts";
import { compileCheck, type FileCheck } from "./check.ts";
import { formatOf } from "./formats.ts";
import { jsonLines } from "./json-lines.ts";
import { readJsonl } from "./jsonl.ts";
import { openInput } from "./open-input.ts";
import type { InputRecord } from "./records.ts";
import type { RowSink } from "./row-sink.ts";
import { type UnsentCounts, UnsentFields } from "./unsent-fields.ts";

export interface InputFile {
  /** As the user gave it, for messages and the run's record; `-` for standard input. */
  path: string;
  /** Where to read it. */
  file: string;
  /** What `hashFile` gave for it before. */
  hash: string;
}

export interface ImportOptions {
  /** Null goes by each path's ending. */
  format: InputFormat | null;
  /** What separates the fields of CSV and TSV; null for a comma or a tab. */
  delimiter: string | null;
  /** Lets bad rows in as failed jobs. */
  skipInvalid: boolean;
  /** Which records, numbered from 1 over all inputs, both ends included; null for all. */
  range: { from: number; to: number } | null;
  /** At most so many of them; null for all. */
  limit: number | null;
  /** The largest estimate of a request, input and output together; null for no limit. */
  maxRequestTokens: number | null;
  /** The field by which budgets are kept; null for no groups. */
  budgetBy: string | null;
}

/** What is to be read, and how it is checked: plain data, so that another thread can be asked for it. */
export interface ReadRequest {
  inputs: readonly InputFile[];
  options: ImportOptions;
  settings: RequestSettings;
  /** Whether rows get their `requestHash`. */
  hash: boolean;
}

export interface ImportCounts {
  /** All that were taken, bad ones included. */
  rows: number;
  bad: number;
  unsent: UnsentCounts;
}

export interface ReadInputs extends ImportCounts {
  sources: readonly Source[];
}

/** A file that is being read. */
interface OpenFile {
  source: number;
  path: string;
  format: InputFormat;
  /** The names in its header, once that was read; null for a format without one. */
  columns: readonly string[] | null;
  check: FileCheck;
  bytesRead(): number;
}

/** Reads and checks the inputs of a run, once. Memory doesn't grow with their size. */
export class InputReader {
  readonly #inputs: readonly InputFile[];
  readonly #formats: readonly InputFormat[];
  readonly #options: ImportOptions;
  readonly #checkFile: (path: string) => FileCheck;
  readonly #models = new Set<string | null>();
  /** The first and the last record that are taken. */
  readonly #first: number;
  readonly #last: number;
  readonly #bad = new BadRows();
  readonly #unsent: UnsentFields;
  /** Records read so far, over all inputs. */
  #records = 0;
  /** Of the inputs that were read before this one. */
  #bytesBefore = 0;
  #rows = 0;

  /** @throws LlmBatchError UNKNOWN_FORMAT, and as `compileCheck` */
  constructor({ inputs, options, settings, hash }: ReadRequest) {
    this.#inputs = inputs;
    this.#formats = inputs.map(({ path }) => options.format ?? formatOf(path));
    this.#options = options;
    this.#unsent = new UnsentFields(settings, options.budgetBy);
    this.#checkFile = compileCheck(settings, { ...options, hash, unsent: this.#unsent });
    const { from, to } = options.range ?? { from: 1, to: Number.POSITIVE_INFINITY };
    this.#first = from;
    this.#last = options.limit === null ? to : Math.min(to, from + options.limit - 1);
  }

  /**
   * @throws LlmBatchError INVALID_ROWS with the first 20 bad rows, EMPTY_INPUT, INPUT_CHANGED, what opening and reading an input
   * throws, and what `sink` throws
   */
  async read(sink: RowSink): Promise<ReadInputs> {
    const sources: Source[] = [];
    for (const [index, input] of this.#inputs.entries()) {
      sources.push(await this.#readInput(sink, index, input));
    }
    await sink.stored();
    if (this.#refuses) throw this.#bad.toError(this.#rows);
    if (this.#rows === 0) {
      const message = `--range: starts at record ${this.#first}, and there are ${this.#records}`;
      throw new LlmBatchError({ code: "EMPTY_INPUT", message, hint: "records are numbered from 1" });
    }
    return { sources, rows: this.#rows, bad: this.#bad.count, unsent: this.#unsent.get() };
  }

  async #readInput(sink: RowSink, source: number, { path, file, hash }: InputFile): Promise<Source> {
    const input = await openInput(path, file);
    try {
      const format = this.#formats[source]!;
      const { bytesRead } = input;
      const file: OpenFile = { source, path, format, columns: null, check: this.#checkFile(path), bytesRead };
      await this.#readRecords(sink, file, await this.#openReader(file, input.chunks));
      if ((await input.hash()) !== hash) throw inputChanged(path);
      this.#bytesBefore += bytesRead();
      return sourceOf(file, hash);
    } finally {
      input.close();
    }
  }

  async #openReader(file: OpenFile, chunks: AsyncIterable<Buffer>): Promise<AsyncIterable<InputRecord[]>> {
    if (file.format === "jsonl") return readJsonl(chunks);
    if (file.format === "json") return readJsonl(jsonLines(chunks));
    // Its library is loaded only where it is needed.
    const { readCsv } = await import("./csv.ts");
    const given = this.#options.delimiter;
    return readCsv(chunks, {
      path: file.path,
      delimiter: given ?? (file.format === "csv" ? "," : "\t"),
      isDelimiterGiven: given !== null,
      onColumns: (names) => {
        file.columns = names;
      },
    });
  }

  async #readRecords(sink: RowSink, file: OpenFile, batches: AsyncIterable<InputRecord[]>): Promise<void> {
    const before = this.#records;
    for await (const records of batches) {
      for (const record of records) {
        this.#take(sink, file, record);
        if (sink.isFull) await this.#flush(sink, file);
        if (this.#records % sink.turnRows === 0) await setImmediate();
      }
      if (this.#records >= this.#last) break;
    }
    if (this.#records === before && before < this.#last) throw emptyInput(file);
    await this.#flush(sink, file);
  }

  #take(sink: RowSink, { path, check }: OpenFile, record: InputRecord): void {
    const number = ++this.#records;
    if (number < this.#first || number > this.#last) return;
    const row = check.check(record);
    this.#rows++;
    if (row.error !== null) this.#bad.add(path, row);
    else this.#noteModel(sink, row.model);
    if (this.#refuses) return;
    // The job table counts the rows it gets, which are fewer than the records where a range skips some.
    if (this.#first > 1) row.key ??= `row-${number}`;
    sink.add(row);
  }

  #noteModel(sink: RowSink, model: string | null): void {
    if (this.#models.has(model)) return;
    this.#models.add(model);
    sink.seeModel(model);
  }

  /** Once a row is bad nothing more is stored; the rest is only checked, to tell all that is wrong at once. */
  get #refuses(): boolean {
    return this.#bad.count > 0 && !this.#options.skipInvalid;
  }

  async #flush(sink: RowSink, { source, bytesRead }: OpenFile): Promise<void> {
    if (!this.#refuses) await sink.flush(source, this.#bytesBefore + bytesRead());
  }
}

function sourceOf({ path, format, columns, check }: OpenFile, hash: string): Source {
  const fields = columns === null ? check.fields.get() : null;
  return { path, format, hash, columns, ...(fields && { fields }), form: check.form ?? "rows" };
}

function emptyInput({ path, columns }: OpenFile): LlmBatchError {
  const isOneLine = columns?.some((name) => name.includes("\r")) ?? false;
  return new LlmBatchError({
    code: "EMPTY_INPUT",
    message: `${path}: has no rows${isOneLine ? ": its lines end with a carriage return alone" : ""}`,
    hint: isOneLine
      ? `convert it first: tr '\\r' '\\n' < ${path} > unix-${basename(path)}`
      : "check that it is the right file, and that it was written to its end",
  });
}

function inputChanged(path: string): LlmBatchError {
  return new LlmBatchError({
    code: "INPUT_CHANGED",
    message: `${path}: changed while it was being read`,
    hint: "wait until it is written to its end, then run the same command again",
  });
}
