import { JOB_STATES } from "../../domain/job.ts";
import type { Spend } from "../../domain/spend.ts";
import { type KeyRange, keyRange } from "../keys.ts";
import { type AttemptCounts, differingTallies } from "../tally-differences.ts";
import type { Database } from "./driver.ts";

const RUNS = "SELECT number, id FROM runs ORDER BY number";
const IS_COUNTED = "SELECT 1 FROM runs WHERE number = ? AND state <> 'importing'";
const TALLIES = `
  SELECT name, value FROM tallies
  WHERE run = @run AND (name LIKE 'jobs.%' OR name LIKE 'attempts.%' OR name LIKE 'failure.%' OR name LIKE 'shared.%'
    OR name = 'answers.unfit')
  UNION ALL SELECT 'tokens', sum(value) FROM tallies
    WHERE run = @run AND name IN ('tokens.input', 'tokens.output', 'doubt.tokens')
  UNION ALL SELECT 'nano_usd', sum(value) FROM tallies WHERE run = @run AND name IN ('cost.nano_usd', 'doubt.nano_usd')`;
const JOBS = `
  SELECT ${JOB_STATES.map((state) => `count(*) FILTER (WHERE state = '${state}') AS ${state}`).join(", ")},
    count(twin) AS twins
  FROM jobs WHERE id BETWEEN @first AND @last`;
const FAILURES = `
  SELECT error_code AS code, count(*) AS count FROM jobs NOT INDEXED
  WHERE state = 'failed' AND id BETWEEN @first AND @last GROUP BY error_code`;
const ATTEMPTS = `
  SELECT count(*) AS total, count(*) FILTER (WHERE kind = 'succeeded') AS succeeded,
    count(*) FILTER (WHERE kind IN ('throttled', 'exhausted')) AS throttled,
    count(*) FILTER (WHERE kind = 'in_doubt') AS inDoubt, count(*) FILTER (WHERE kind = 'invalid') AS unfit
  FROM attempts WHERE job BETWEEN @first AND @last`;
const RESULTS = `
  SELECT count(*) FILTER (WHERE answered_by IS NULL) AS own, count(answered_by) AS takenOver
  FROM results WHERE job BETWEEN @first AND @last`;

const SPEND = `
  SELECT coalesce(sum(tokens), 0) AS tokens, coalesce(sum(nano_usd), 0) AS nanoUsd FROM spend WHERE run = ?`;

/** Compares the tallies of every run with the tables they count. */
export class TallyCheck {
  readonly #db: Database;
  readonly #runs;
  readonly #isCounted;
  readonly #tallies;
  readonly #jobs;
  readonly #failures;
  readonly #attempts;
  readonly #results;
  readonly #spend;

  constructor(db: Database) {
    this.#db = db;
    this.#runs = db.prepare<[], { number: number; id: string }>(RUNS);
    this.#isCounted = db.prepare<[number]>(IS_COUNTED);
    this.#tallies = db.prepare<[{ run: number }], { name: string; value: number | null }>(TALLIES);
    this.#jobs = db.prepare<[KeyRange], Record<string, number>>(JOBS);
    this.#failures = db.prepare<[KeyRange], { code: string; count: number }>(FAILURES);
    this.#attempts = db.prepare<[KeyRange], AttemptCounts>(ATTEMPTS);
    this.#spend = db.prepare<[number], Spend>(SPEND);
    this.#results = db.prepare<[KeyRange], { own: number; takenOver: number }>(RESULTS);
  }

  /** One line for each tally that is wrong. */
  differences(): string[] {
    return this.#runs.all().flatMap(({ number, id }) => {
      // Tallies and tables are only equal at one moment, while a run goes on.
      const found = this.#db.transaction(() => this.#differencesOf(number))();
      return found.map((difference) => `${id}: ${difference}`);
    });
  }

  #differencesOf(run: number): string[] {
    // A run that is being imported or deleted has none yet, or none any more.
    if (this.#isCounted.get(run) === undefined) return [];
    const keys = keyRange(run);
    return differingTallies(
      new Map(this.#tallies.all({ run }).map(({ name, value }) => [name, value ?? 0])),
      {
        jobs: this.#jobs.get(keys)!,
        failures: this.#failures.all(keys),
        attempts: this.#attempts.get(keys)!,
        results: this.#results.get(keys)!,
        spend: this.#spend.get(run)!,
      },
    );
  }
}
