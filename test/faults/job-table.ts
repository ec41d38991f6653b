import { existsSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { systemClock } from "../../src/system/clock.ts";
import { onPostgres, onServer } from "../helpers/test-database.ts";

const STATES = ["pending", "running", "succeeded", "failed", "cancelled"] as const;

const HAS_FILE_SCHEMA = "SELECT 1 FROM sqlite_schema WHERE name = 'attempts'";
const HAS_SERVER_SCHEMA =
  "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'attempts'";
const RECORDED = `
  SELECT CAST((SELECT count(*) FROM results) + (SELECT count(*) FROM attempts WHERE kind <> 'in_doubt') AS integer) AS count`;
const RUNS = "SELECT state FROM runs";
const JOBS = "SELECT state, CAST(count(*) AS integer) AS count FROM jobs GROUP BY state";
const TALLIES = `
  SELECT substr(name, 6) AS state, CAST(sum(value) AS integer) AS count FROM tallies WHERE name LIKE 'jobs.%'
  GROUP BY name`;
const STRAY_RESULTS = `
  SELECT CAST(count(*) AS integer) AS count FROM results LEFT JOIN jobs ON jobs.id = results.job
  WHERE jobs.state IS NULL OR jobs.state <> 'succeeded'`;
/** Of processes that were killed: what they sent last is still being done. */
const AT_WORK = "SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'llm-batch %'";
const LOOK_AGAIN_MS = 20;

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

type Query = <Row>(sql: string) => Promise<Row[]>;

/** Attempts whose end is on record; only while no process is alive. */
export function recordedAttempts(cwd: string): Promise<number> {
  return read(cwd, 0, async (query) => countOf(await query(RECORDED)), { atRest: true });
}

/** The job table at one moment, read beside whoever works on it, or at rest; null where there is none yet. */
export function snapshot(cwd: string, { atRest }: { atRest: boolean }): Promise<Snapshot | null> {
  const work: Work<Snapshot> = async (query, integrity) => ({
    runs: (await query<{ state: string }>(RUNS)).map(({ state }) => state),
    jobs: countsOf(await query(JOBS)),
    tallies: countsOf(await query(TALLIES)),
    strayResults: countOf(await query(STRAY_RESULTS)),
    integrity,
  });
  return read<Snapshot | null>(cwd, null, work, { atRest });
}

function countOf([row]: readonly { count: number }[]): number {
  return row!.count;
}

function countsOf(rows: readonly { state: string; count: number }[]): JobCounts {
  const counts = new Map(rows.map(({ state, count }) => [state, count]));
  return Object.fromEntries(STATES.map((name) => [name, counts.get(name) ?? 0])) as JobCounts;
}

type Work<T> = (query: Query, integrity: string) => Promise<T>;

function read<T>(cwd: string, none: T, work: Work<T>, { atRest }: { atRest: boolean }): Promise<T> {
  return onPostgres() ? readServer(cwd, none, work, atRest) : readFile(cwd, none, work);
}

async function readFile<T>(cwd: string, none: T, work: Work<T>): Promise<T> {
  const path = join(cwd, "llm-batch.db");
  if (!existsSync(path)) return none;
  const db = new Database(path, { readonly: true });
  try {
    db.exec("BEGIN");
    const query: Query = async (sql) => db.prepare(sql).all() as never;
    if ((await query(HAS_FILE_SCHEMA)).length === 0) return none;
    return await work(query, db.pragma("quick_check", { simple: true }) as string);
  } finally {
    db.close();
  }
}

function readServer<T>(cwd: string, none: T, work: Work<T>, atRest: boolean): Promise<T> {
  return onServer(cwd, async (client) => {
    const query: Query = async (sql) => (await client.query(sql)).rows;
    while (atRest && (await query(AT_WORK)).length > 0) await pause();
    await query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    return (await query(HAS_SERVER_SCHEMA)).length === 0 ? none : work(query, "ok");
  });
}

function pause(): Promise<void> {
  return new Promise((resolve) => systemClock.timer(systemClock.now() + LOOK_AGAIN_MS, resolve));
}
