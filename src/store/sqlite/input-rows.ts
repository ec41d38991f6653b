import { DuplicateId, type Place } from "../../domain/duplicate-id.ts";
import type { Source } from "../../domain/run.ts";
import type { InputBatch } from "../input-batch.ts";
import { keyOf, keyRange } from "../keys.ts";
import { isUniqueViolation } from "./database-error.ts";
import type { Database } from "./driver.ts";
import type { InputJobs } from "./input-jobs.ts";
import type { SharedAnswers } from "./shared-answers.ts";

/** Rows of one INSERT: 100 took three quarters of the time of single ones, and 500 gained nothing. */
const ROWS_PER_INSERT = 100;

/**
 * What is the same for all rows is given once, and their keys are counted: values cost the most time of an import. OR FAIL, here and
 * for the jobs: a row that is refused ends its whole transaction, so SQLite needn't keep a copy of the pages that a statement changes.
 */
const insertInputs = (rows: number): string => {
  const values = Array.from({ length: rows }, (_, at) => `(@first + ${at}, @run, @source, ?, ?, ?, ?, ?, ?)`);
  return `
  INSERT OR FAIL INTO inputs (id, run, source, line, key, row, input_tokens, output_tokens, request_hash)
  VALUES ${values.join(", ")}`;
};
const FIND_KEY = "SELECT source, line FROM inputs WHERE run = ? AND key = ? AND id < ?";
const DEFAULT_ID_CLASH = `
  SELECT given.key, given.source, given.line, plain.source AS otherSource, plain.line AS otherLine
  FROM inputs AS given JOIN inputs AS plain ON plain.id = @first - 1 + CAST(substr(given.key, 5) AS INTEGER)
  WHERE given.run = @run AND given.key GLOB 'row-[1-9]*'
    AND plain.run = @run AND plain.key IS NULL AND given.key = 'row-' || (plain.id & 4294967295)
  LIMIT 1`;
const OPEN = "UPDATE runs SET state = 'open', path = ?, sources = ? WHERE number = ?";

type ClashRow = Place & { key: string; otherSource: number; otherLine: number };

/** The statements of an import. Every method is part of a write. */
export class InputRows {
  readonly #jobs: InputJobs;
  readonly #shared: SharedAnswers;
  readonly #insertOne;
  readonly #insertMany;
  readonly #findKey;
  readonly #clash;
  readonly #open;

  constructor(db: Database, jobs: InputJobs, shared: SharedAnswers) {
    this.#jobs = jobs;
    this.#shared = shared;
    this.#insertOne = db.prepare<unknown[]>(insertInputs(1));
    this.#insertMany = db.prepare<unknown[]>(insertInputs(ROWS_PER_INSERT));
    this.#findKey = db.prepare<[number, string, number], Place>(FIND_KEY);
    this.#clash = db.prepare<[{ run: number; first: number }], ClashRow>(DEFAULT_ID_CLASH);
    this.#open = db.prepare<[string | null, string, number]>(OPEN);
  }

  insert(batch: InputBatch): void {
    try {
      this.#insertInputs(batch);
    } catch (error) {
      throw isUniqueViolation(error) ? this.#duplicateIn(batch) : error;
    }
    this.#jobs.insert(batch);
    this.#shared.share(batch);
  }

  /** @throws LlmBatchError DUPLICATE_ID where a given id such as `row-7` is also that of a row without one. */
  refuseDefaultIdClash(run: number): void {
    const clash = this.#clash.get({ run, first: keyRange(run).first });
    if (clash === undefined) return;
    const { key, source, line, otherSource, otherLine } = clash;
    throw new DuplicateId(key, [
      { source, line },
      { source: otherSource, line: otherLine },
    ]);
  }

  open(run: number, sources: readonly Source[]): void {
    this.#open.run(sources[0]?.path ?? null, JSON.stringify(sources), run);
  }

  #insertInputs(batch: InputBatch): void {
    const { rows } = batch;
    let at = 0;
    for (; at + ROWS_PER_INSERT <= rows.length; at += ROWS_PER_INSERT) {
      this.#insertMany.run(...inputValues(batch, at, at + ROWS_PER_INSERT));
    }
    for (; at < rows.length; at += 1) this.#insertOne.run(...inputValues(batch, at, at + 1));
  }

  /** Names the two places of the first id that is used twice: here, or here and in an earlier batch. */
  #duplicateIn({ run, source, firstOrdinal, rows }: InputBatch): Error {
    const seen = new Map<string, Place>();
    for (const { key, line } of rows) {
      if (key === null) continue;
      const earlier = seen.get(key) ?? this.#findKey.get(run, key, keyOf(run, firstOrdinal));
      if (earlier !== undefined) return new DuplicateId(key, [earlier, { source, line }]);
      seen.set(key, { source, line });
    }
    return new Error("a unique id was refused, and no id is used twice");
  }
}

/**
 * What the statement takes for some rows of a batch. An array that is filled in place costs a third of one that grows; to hand
 * its values over one by one spares the driver a tenth of the insert, which it took to look each up.
 */
function inputValues({ run, source, firstOrdinal, rows }: InputBatch, from: number, to: number): unknown[] {
  const values: unknown[] = new Array(1 + (to - from) * 6);
  values[0] = { first: keyOf(run, firstOrdinal + from), run, source };
  let at = 1;
  for (let index = from; index < to; index += 1) {
    const { line, key, row, charge, requestHash, error } = rows[index]!;
    values[at++] = line;
    values[at++] = key;
    values[at++] = row;
    values[at++] = charge?.inputTokens ?? null;
    values[at++] = charge?.outputTokens ?? null;
    values[at++] = error === null ? requestHash : null;
  }
  return values;
}
