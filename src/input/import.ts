import { basename } from "node:path";
import { setImmediate } from "node:timers/promises";
import { LlmBatchError } from "../domain/errors.ts";
import type { InputFormat, Run, Source } from "../domain/run.ts";
import type { ImportRow, NewRun, RunImport, Store } from "../ports/store.ts";
import { BadRows } from "./bad-rows.ts";
import { compileCheck, type FileCheck } from "./check.ts";
import { formatOf } from "./formats.ts";
import { readJsonl } from "./jsonl.ts";
import { openInput } from "./open-input.ts";
import { ReadAhead } from "./read-ahead.ts";
import type { InputRecord } from "./records.ts";

export { hashFile } from "./open-input.ts";

/** Rows that are handed on at once: so few that V8 still takes them for short-lived by then. */
const BATCH_ROWS = 2_500;
const BATCH_CHARACTERS = 1 * 1024 * 1024;
/** How often the event loop turns: a server that waits for our next statement would wait for all of a block to be read. */
const TURN_ROWS = 64;

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

export interface ImportRequest {
  inputs: readonly InputFile[];
  newRun: NewRun;
  options: ImportOptions;
  store: Pick<Store, "beginImport">;
  /** Gets each model that good rows name (null for none) as it first comes up; what it throws ends the import. */
  seeModel?(model: string | null): void;
}

export interface ImportCounts {
  /** All that were taken, bad ones included. */
  rows: number;
  bad: number;
}

/**
 * Reads the inputs into a new run. Memory doesn't grow with their size. On an error nothing of the run is left.
 * @throws LlmBatchError INVALID_ROWS with the first 20 bad rows, EMPTY_INPUT, INPUT_CHANGED, DUPLICATE_ID, and
 * what opening and reading an input and `seeModel` throw.
 */
export async function importRun(request: ImportRequest): Promise<{ run: Run } & ImportCounts> {
  const { inputs, newRun, options, store } = request;
  const formats = inputs.map(({ path }) => options.format ?? formatOf(path));
  const { dedupe, reuse } = newRun.sharing;
  const checkFile = compileCheck(newRun.request, { ...options, hash: dedupe || reuse });
  const target = await store.beginImport(newRun);
  const importing = new Importing(request, checkFile, target);
  try {
    const sources: Source[] = [];
    for (const [index, input] of inputs.entries())
      sources.push(await importing.read(index, input, formats[index]!));
    const counts = await importing.end();
    return { run: await target.finish(sources), ...counts };
  } catch (error) {
    await importing.settled();
    await target.discard();
    throw error;
  }
}

/** A file that is being read. */
interface OpenFile {
  source: number;
  path: string;
  format: InputFormat;
  /** The names in its header, once that was read; null for a format without one. */
  columns: readonly string[] | null;
  check: FileCheck;
}

class Importing {
  readonly #options: ImportOptions;
  readonly #checkFile: (path: string) => FileCheck;
  readonly #target: RunImport;
  readonly #seeModel: (model: string | null) => void;
  readonly #models = new Set<string | null>();
  /** The first and the last record that are taken. */
  readonly #first: number;
  readonly #last: number;
  readonly #bad = new BadRows();
  /** Records read so far, over all inputs. */
  #records = 0;
  #rows = 0;
  #batch: ImportRow[] = [];
  #batchCharacters = 0;
  readonly #ahead = new ReadAhead();

  constructor(
    { options, seeModel = () => {} }: ImportRequest,
    checkFile: (path: string) => FileCheck,
    target: RunImport,
  ) {
    this.#options = options;
    this.#checkFile = checkFile;
    this.#target = target;
    this.#seeModel = seeModel;
    const { from, to } = options.range ?? { from: 1, to: Number.POSITIVE_INFINITY };
    this.#first = from;
    this.#last = options.limit === null ? to : Math.min(to, from + options.limit - 1);
  }

  async read(source: number, { path, file, hash }: InputFile, format: InputFormat): Promise<Source> {
    const input = await openInput(path, file);
    try {
      const file: OpenFile = { source, path, format, columns: null, check: this.#checkFile(path) };
      await this.#readRecords(file, await this.#openReader(file, input.chunks));
      if ((await input.hash()) !== hash) throw inputChanged(path);
      return sourceOf(file, hash);
    } finally {
      input.close();
    }
  }

  /** @throws LlmBatchError INVALID_ROWS, EMPTY_INPUT, and what the last batch failed of. */
  async end(): Promise<ImportCounts> {
    await this.#ahead.stored();
    if (this.#refuses) throw this.#bad.toError(this.#rows);
    if (this.#rows === 0) {
      const message = `--range: starts at record ${this.#first}, and there are ${this.#records}`;
      throw new LlmBatchError({ code: "EMPTY_INPUT", message, hint: "records are numbered from 1" });
    }
    return { rows: this.#rows, bad: this.#bad.count };
  }

  /** Resolves when nothing is being stored any more, whatever became of it. */
  settled(): Promise<unknown> {
    return this.#ahead.settled();
  }

  async #openReader(file: OpenFile, chunks: AsyncIterable<Buffer>): Promise<AsyncIterable<InputRecord[]>> {
    if (file.format === "jsonl") return readJsonl(chunks);
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

  async #readRecords(file: OpenFile, batches: AsyncIterable<InputRecord[]>): Promise<void> {
    const before = this.#records;
    for await (const records of batches) {
      for (const record of records) {
        this.#take(file, record);
        if (this.#isFull) await this.#flush(file.source);
        if (this.#records % TURN_ROWS === 0) await setImmediate();
      }
      if (this.#records >= this.#last) break;
    }
    if (this.#records === before && before < this.#last) throw emptyInput(file);
    await this.#flush(file.source);
  }

  #take({ path, check }: OpenFile, record: InputRecord): void {
    const number = ++this.#records;
    if (number < this.#first || number > this.#last) return;
    const row = check.check(record);
    this.#rows++;
    if (row.error !== null) this.#bad.add(path, row);
    else this.#noteModel(row.model);
    if (this.#refuses) return;
    // The job table counts the rows it gets, which are fewer than the records where a range skips some.
    if (this.#first > 1) row.key ??= `row-${number}`;
    this.#batch.push(row);
    this.#batchCharacters += row.row.length;
  }

  #noteModel(model: string | null): void {
    if (this.#models.has(model)) return;
    this.#models.add(model);
    this.#seeModel(model);
  }

  /** Once a row is bad nothing more is stored; the rest is only checked, to tell all that is wrong at once. */
  get #refuses(): boolean {
    return this.#bad.count > 0 && !this.#options.skipInvalid;
  }

  get #isFull(): boolean {
    return this.#batch.length >= BATCH_ROWS || this.#batchCharacters >= BATCH_CHARACTERS;
  }

  async #flush(source: number): Promise<void> {
    const rows = this.#batch;
    const characters = this.#batchCharacters;
    this.#batch = [];
    this.#batchCharacters = 0;
    if (rows.length === 0 || this.#refuses) return;
    await this.#ahead.add({ stored: this.#target.append(source, rows), characters });
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
