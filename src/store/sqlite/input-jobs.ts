import type { ImportRow } from "../../ports/import.ts";
import type { InputBatch } from "../input-batch.ts";
import { jobSql, jobsOf, type KeyRange, keyOf, runOf } from "../keys.ts";
import type { Database } from "./driver.ts";
import type { Lanes } from "./lanes.ts";
import type { Tallies } from "./tallies.ts";

/** Jobs of one sample a row have the keys of their rows: that spares a twentieth of the import. */
const INSERT = `
  INSERT OR FAIL INTO jobs (id, lane, input, state)
  SELECT id, @lane, id, 'pending' FROM inputs WHERE id BETWEEN @first AND @last`;
const INSERT_SAMPLES = `
  WITH RECURSIVE numbers (sample) AS
    (SELECT 1 UNION ALL SELECT sample + 1 FROM numbers WHERE sample < @samples)
  INSERT OR FAIL INTO jobs (id, lane, input, sample, state)
  SELECT ${jobSql("inputs.id", "@samples", "numbers.sample")}, @lane, inputs.id, numbers.sample, 'pending'
  FROM inputs CROSS JOIN numbers WHERE inputs.id BETWEEN @first AND @last`;
const INSERT_INVALID = `
  INSERT INTO jobs (id, lane, input, sample, state, error_code, error_message)
  VALUES (?, NULL, ?, ?, 'failed', ?, ?)`;

/** Makes the jobs of rows that were just read in, one for each sample, and counts them. Every method is part of a write. */
export class InputJobs {
  readonly #lanes: Lanes;
  readonly #tallies: Tallies;
  readonly #insert;
  readonly #insertSamples;
  readonly #insertInvalid;

  constructor(db: Database, lanes: Lanes, tallies: Tallies) {
    this.#lanes = lanes;
    this.#tallies = tallies;
    this.#insert = db.prepare<[KeyRange & { lane: number }]>(INSERT);
    this.#insertSamples = db.prepare<[KeyRange & { lane: number; samples: number }]>(INSERT_SAMPLES);
    this.#insertInvalid = db.prepare<[number, number, number, string, string]>(INSERT_INVALID);
  }

  /** One statement for each stretch of valid rows of the same model and group. */
  insert({ run, samples, firstOrdinal, rows }: InputBatch): void {
    for (let at = 0; at < rows.length; ) {
      const { model, group, error } = rows[at]!;
      const first = keyOf(run, firstOrdinal + at);
      if (error !== null) {
        this.#insertFailed(first, samples, error);
        at += 1;
        continue;
      }
      let end = at + 1;
      while (end < rows.length && isLike(rows[end]!, rows[at]!)) end += 1;
      const last = first + end - at - 1;
      const stretch = { lane: this.#lanes.findOrCreate(run, { model, stage: 0, group }), first, last };
      if (samples === 1) this.#insert.run(stretch);
      else this.#insertSamples.run({ ...stretch, samples });
      this.#tallies.add(run, "jobs.pending", (end - at) * samples);
      at = end;
    }
  }

  #insertFailed(input: number, samples: number, { code, message }: NonNullable<ImportRow["error"]>): void {
    const { first } = jobsOf({ first: input, last: input }, samples);
    for (let sample = 1; sample <= samples; sample += 1) {
      this.#insertInvalid.run(first + sample - 1, input, sample, code, message);
    }
    const run = runOf(input);
    this.#tallies.add(run, "jobs.failed", samples);
    this.#tallies.add(run, `failure.${code}`, samples);
  }
}

function isLike(row: ImportRow, first: ImportRow): boolean {
  return row.error === null && row.model === first.model && row.group === first.group;
}
