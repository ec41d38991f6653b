import { existsSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";

const STATES = ["pending", "running", "succeeded", "failed", "cancelled"] as const;

const HAS_SCHEMA = "SELECT count(*) FROM sqlite_schema WHERE name = 'attempts'";
const RECORDED = `
  SELECT (SELECT count(*) FROM results) + (SELECT count(*) FROM attempts WHERE kind <> 'in_doubt')`;
const RUNS = "SELECT state FROM runs";
const JOBS = "SELECT state, count(*) AS count FROM jobs GROUP BY state";
const TALLIES = "SELECT name, value FROM tallies WHERE name LIKE 'jobs.%'";
const STRAY_RESULTS = `
  SELECT count(*) FROM results LEFT JOIN jobs ON jobs.id = results.job
  WHERE jobs.state IS NULL OR jobs.state <> 'succeeded'`;

type JobCounts = Record<(typeof STATES)[number], number>;

export interface Snapshot {
  /** The state of each run. */
  runs: string[];
  /** Jobs by state, counted one by one. */
  jobs: JobCounts;
  /** The same, as the job table keeps count. */
  tallies: JobCounts;
  /** Results of jobs that have not succeeded. */
  strayResults: number;
  integrity: string;
}

/** Attempts whose end is on record. */
export function recordedAttempts(cwd: string): number {
  return read(cwd, 0, (db) => db.prepare(RECORDED).pluck().get() as number);
}

/** The job table at one moment, read beside whoever works on it; null where there is none yet. */
export function snapshot(cwd: string): Snapshot | null {
  return read(cwd, null, (db) => ({
    runs: db.prepare<[], string>(RUNS).pluck().all() as string[],
    jobs: countsOf(
      db.prepare<[], { state: string; count: number }>(JOBS).all(),
      ({ state }) => state,
      ({ count }) => count,
    ),
    tallies: countsOf(
      db.prepare<[], { name: string; value: number }>(TALLIES).all(),
      ({ name }) => name.slice("jobs.".length),
      ({ value }) => value,
    ),
    strayResults: db.prepare(STRAY_RESULTS).pluck().get() as number,
    integrity: db.pragma("quick_check", { simple: true }) as string,
  }));
}

function countsOf<T>(rows: readonly T[], state: (row: T) => string, count: (row: T) => number): JobCounts {
  const sum = (wanted: string): number =>
    rows.filter((row) => state(row) === wanted).reduce((total, row) => total + count(row), 0);
  return Object.fromEntries(STATES.map((name) => [name, sum(name)])) as JobCounts;
}

function read<T>(cwd: string, none: T, query: (db: Database.Database) => T): T {
  const path = join(cwd, "llm-batch.db");
  if (!existsSync(path)) return none;
  const db = new Database(path, { readonly: true });
  try {
    const answer = db.transaction(() => (db.prepare(HAS_SCHEMA).pluck().get() === 0 ? none : query(db)));
    return answer();
  } finally {
    db.close();
  }
}
