import type { Source } from "../../domain/run.ts";
import type { ImportRow } from "../../ports/store.ts";
import { isUniqueViolation } from "./database-error.ts";
import type { Database } from "./driver.ts";
import { duplicateId, type Place } from "./duplicate-id.ts";
import { type KeyRange, keyOf, keyRange } from "./keys.ts";
import type { Lanes } from "./lanes.ts";
import type { Tallies } from "./tallies.ts";

/** Rows of one INSERT: 100 took three quarters of the time of single ones, and 500 gained nothing. */
const ROWS_PER_INSERT = 100;

const insertInputs = (rows: number): string =>
  `INSERT INTO inputs (id, run, source, line, key, row) VALUES ${Array(rows).fill("(?, ?, ?, ?, ?, ?)").join(", ")}`;
const INSERT_JOBS = `
  INSERT INTO jobs (id, lane, input, state)
  SELECT id, @lane, id, 'pending' FROM inputs WHERE id BETWEEN @first AND @last`;
const INSERT_INVALID_JOB = `
  INSERT INTO jobs (id, lane, input, state, error_code, error_message) VALUES (?, NULL, ?, 'failed', ?, ?)`;
const FIND_KEY = "SELECT source, line FROM inputs WHERE run = ? AND key = ? AND id < ?";
const DEFAULT_ID_CLASH = `
  SELECT given.key, given.source, given.line, plain.source AS otherSource, plain.line AS otherLine
  FROM inputs AS given JOIN inputs AS plain ON plain.id = @first - 1 + CAST(substr(given.key, 5) AS INTEGER)
  WHERE given.run = @run AND given.key GLOB 'row-[1-9]*'
    AND plain.run = @run AND plain.key IS NULL AND given.key = 'row-' || (plain.id & 4294967295)
  LIMIT 1`;
const OPEN = "UPDATE runs SET state = 'open', path = ?, sources = ? WHERE number = ?";

interface InputBatch {
  run: number;
  source: number;
  firstOrdinal: number;
  rows: readonly ImportRow[];
}

interface ImportCounts {
  pending: number;
  failed: number;
  failures: ReadonlyMap<string, number>;
}

type ClashRow = Place & { key: string; otherSource: number; otherLine: number };

/** The statements of an import. Every method is part of a write. */
export class InputRows {
  readonly #lanes: Lanes;
  readonly #tallies: Tallies;
  readonly #insertOne;
  readonly #insertMany;
  readonly #insertJobs;
  readonly #insertInvalidJob;
  readonly #findKey;
  readonly #clash;
  readonly #open;

  constructor(db: Database, lanes: Lanes, tallies: Tallies) {
    this.#lanes = lanes;
    this.#tallies = tallies;
    this.#insertOne = db.prepare<unknown[]>(insertInputs(1));
    this.#insertMany = db.prepare<unknown[]>(insertInputs(ROWS_PER_INSERT));
    this.#insertJobs = db.prepare<[KeyRange & { lane: number }]>(INSERT_JOBS);
    this.#insertInvalidJob = db.prepare<[number, number, string, string]>(INSERT_INVALID_JOB);
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
    this.#insertJobsOf(batch);
  }

  /** @throws LlmBatchError DUPLICATE_ID where a given id such as `row-7` is also that of a row without one. */
  refuseDefaultIdClash(run: number): void {
    const clash = this.#clash.get({ run, first: keyRange(run).first });
    if (clash === undefined) return;
    const { key, source, line, otherSource, otherLine } = clash;
    const places = [
      { source, line },
      { source: otherSource, line: otherLine },
    ].sort((a, b) => a.source - b.source || a.line - b.line);
    throw duplicateId(key, places[0]!, places[1]!);
  }

  open(run: number, sources: readonly Source[], counts: ImportCounts): void {
    this.#open.run(sources[0]?.path ?? null, JSON.stringify(sources), run);
    this.#tallies.add(run, "jobs.pending", counts.pending);
    this.#tallies.add(run, "jobs.failed", counts.failed);
    for (const [code, count] of counts.failures) this.#tallies.add(run, `failure.${code}`, count);
  }

  #insertInputs({ run, source, firstOrdinal, rows }: InputBatch): void {
    const valuesOf = (from: number, to: number): unknown[] => {
      const values: unknown[] = [];
      for (let at = from; at < to; at += 1) {
        const { line, key, row } = rows[at]!;
        values.push(keyOf(run, firstOrdinal + at), run, source, line, key, row);
      }
      return values;
    };
    let at = 0;
    for (; at + ROWS_PER_INSERT <= rows.length; at += ROWS_PER_INSERT) {
      this.#insertMany.run(valuesOf(at, at + ROWS_PER_INSERT));
    }
    for (; at < rows.length; at += 1) this.#insertOne.run(valuesOf(at, at + 1));
  }

  /** One statement for each stretch of valid rows that name the same model. */
  #insertJobsOf({ run, firstOrdinal, rows }: InputBatch): void {
    for (let at = 0; at < rows.length; ) {
      const { model, error } = rows[at]!;
      const id = keyOf(run, firstOrdinal + at);
      if (error !== null) {
        this.#insertInvalidJob.run(id, id, error.code, error.message);
        at += 1;
        continue;
      }
      let end = at + 1;
      while (end < rows.length && rows[end]!.error === null && rows[end]!.model === model) end += 1;
      this.#insertJobs.run({
        lane: this.#lanes.findOrCreate(run, model),
        first: id,
        last: id + end - at - 1,
      });
      at = end;
    }
  }

  /** Names the two places of the first id that is used twice: here, or here and in an earlier batch. */
  #duplicateIn({ run, source, firstOrdinal, rows }: InputBatch): Error {
    const seen = new Map<string, Place>();
    for (const { key, line } of rows) {
      if (key === null) continue;
      const earlier = seen.get(key) ?? this.#findKey.get(run, key, keyOf(run, firstOrdinal));
      if (earlier !== undefined) return duplicateId(key, earlier, { source, line });
      seen.set(key, { source, line });
    }
    return new Error("a unique id was refused, and no id is used twice");
  }
}
