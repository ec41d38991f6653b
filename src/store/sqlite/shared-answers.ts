import type { InputBatch } from "../input-batch.ts";
import { jobsOf, type KeyRange, keyOf } from "../keys.ts";
import type { Database } from "./driver.ts";
import type { Reuse } from "./reuse.ts";
import type { Twins } from "./twins.ts";

const HASHED = `
  SELECT id AS input,
    (SELECT min(same.id) FROM inputs AS same
     WHERE same.request_hash = inputs.request_hash AND same.id >= @firstOfRun) AS leader
  FROM inputs WHERE id BETWEEN @first AND @last AND request_hash IS NOT NULL`;

interface HashedRow {
  input: number;
  /** The first row of the run that has the same hash, which may be this row itself. */
  leader: number;
}

/** Finds, for rows just read in, whose answers they can take over. */
export class SharedAnswers {
  readonly #twins: Twins;
  readonly #reuse: Reuse;
  readonly #hashed;

  constructor(db: Database, twins: Twins, reuse: Reuse) {
    this.#twins = twins;
    this.#reuse = reuse;
    this.#hashed = db.prepare<[KeyRange & { firstOfRun: number }], HashedRow>(HASHED);
  }

  /** Part of the write that inserts the batch and its jobs. */
  share({ run, samples, sharing, firstOrdinal, rows }: InputBatch): void {
    if (!sharing.dedupe && !sharing.reuse) return;
    const inputs = { first: keyOf(run, firstOrdinal), last: keyOf(run, firstOrdinal + rows.length - 1) };
    for (const { input, leader } of this.#hashed.all({ ...inputs, firstOfRun: keyOf(run, 1) })) {
      const jobs = jobsOf({ first: input, last: input }, samples);
      if (sharing.dedupe && leader < input) this.#twins.link(jobs, (input - leader) * samples);
      else if (sharing.reuse) this.#takeOver(input, jobs);
    }
  }

  #takeOver(input: number, { first, last }: KeyRange): void {
    for (let job = first; job <= last; job += 1) this.#reuse.answer({ input, job, sample: job - first + 1 });
  }
}
