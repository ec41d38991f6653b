import { JOB_STATES } from "../domain/job.ts";
import { FOLLOWED } from "./followed.ts";
import { jobSql } from "./keys.ts";

/** Something that must never be in the tables. */
export interface Invariant {
  /** What breaks it, in the plural. */
  broken: string;
  /** Counts what breaks it, and gives the key of one such job. */
  sql: string;
}

const STATES = JOB_STATES.map((state) => `'${state}'`).join(", ");

export function rows(table: string, id: string, condition: string): string {
  return `SELECT count(*) AS count, min(${id}) AS example FROM ${table} WHERE ${condition}`;
}

const SAMPLES = "coalesce((SELECT samples FROM runs WHERE runs.number = inputs.id >> 32), 1)";
export const FIRST_JOB = jobSql("inputs.id", SAMPLES, "1");
const LAST_JOB = jobSql("inputs.id", SAMPLES, SAMPLES);

/** By the check that speaks for them. Each is one scan, whose look-ups go by primary key. */
export const INVARIANTS: Readonly<Record<"orphans" | "states" | "owners" | "runs", readonly Invariant[]>> = {
  orphans: [
    {
      broken: "rows without a run",
      sql: rows(
        "inputs",
        FIRST_JOB,
        "run <> id >> 32 OR NOT EXISTS (SELECT 1 FROM runs WHERE runs.number = inputs.run)",
      ),
    },
    {
      broken: "rows without a job for each sample",
      sql: rows(
        "inputs",
        FIRST_JOB,
        `(SELECT count(*) FROM jobs WHERE jobs.id BETWEEN ${FIRST_JOB} AND ${LAST_JOB}
          AND jobs.input = inputs.id AND jobs.sample = jobs.id - ${FIRST_JOB} + 1) <> ${SAMPLES}`,
      ),
    },
    {
      broken: "jobs without a row",
      sql: rows("jobs", "id", "NOT EXISTS (SELECT 1 FROM inputs WHERE inputs.id = jobs.input)"),
    },
    {
      broken: "jobs that can never be claimed",
      sql: rows(
        "jobs",
        "id",
        `lane IS NULL AND twin IS NULL AND state <> 'failed' OR lane IS NOT NULL AND NOT EXISTS
          (SELECT 1 FROM lanes WHERE lanes.id = jobs.lane AND lanes.run = jobs.id >> 32)`,
      ),
    },
    {
      broken: "results without a job",
      sql: rows("results", "job", "NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.id = results.job)"),
    },
    {
      broken: "attempts without a job",
      sql: rows("attempts", "job", "NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.id = attempts.job)"),
    },
    {
      broken: "spans of history without a run",
      sql: rows(
        "history",
        "(run << 32) + 1",
        "NOT EXISTS (SELECT 1 FROM runs WHERE runs.number = history.run)",
      ),
    },
  ],
  states: [
    { broken: "jobs in an unknown state", sql: rows("jobs", "id", `state NOT IN (${STATES})`) },
    {
      broken: "succeeded jobs without a result",
      sql: rows(
        "jobs",
        "id",
        "state = 'succeeded' AND NOT EXISTS (SELECT 1 FROM results WHERE results.job = coalesce(jobs.twin, jobs.id))",
      ),
    },
    {
      broken: "jobs that have a result and have not succeeded",
      sql: rows("results JOIN jobs ON jobs.id = results.job", "job", "jobs.state <> 'succeeded'"),
    },
    {
      broken: "results of another attempt than their job's",
      sql: rows("results JOIN jobs ON jobs.id = results.job", "job", "results.attempt <> jobs.attempt"),
    },
    {
      broken: "twins of no job, or of another twin",
      sql: rows(
        "jobs",
        "id",
        `twin IS NOT NULL AND NOT EXISTS (SELECT 1 FROM jobs AS lead
          WHERE lead.id = jobs.twin AND lead.twin IS NULL AND lead.id < jobs.id AND lead.id >> 32 = jobs.id >> 32)`,
      ),
    },
    {
      broken: "twins that are not where their leader is",
      sql: rows("jobs JOIN jobs AS lead ON lead.id = jobs.twin", "jobs.id", `jobs.state <> ${FOLLOWED}`),
    },
    {
      broken: "twins that could be sent or have a result of their own",
      sql: rows(
        "jobs",
        "id",
        "twin IS NOT NULL AND (lane IS NOT NULL OR EXISTS (SELECT 1 FROM results WHERE results.job = jobs.id))",
      ),
    },
    {
      broken: "failed jobs without a reason",
      sql: rows("jobs", "id", "state = 'failed' AND error_code IS NULL"),
    },
  ],
  owners: [
    {
      broken: "running jobs without an owner on record",
      sql: rows(
        "jobs",
        "id",
        `state = 'running' AND NOT EXISTS (SELECT 1 FROM owners
          WHERE owners.id = jobs.owner AND owners.run = jobs.id >> 32 AND owners.ended_at IS NULL)`,
      ),
    },
    {
      broken: "jobs that are not running and have an owner",
      sql: rows("jobs", "id", "state <> 'running' AND owner IS NOT NULL"),
    },
  ],
  runs: [
    {
      broken: "unfinished jobs in runs that have ended",
      sql: rows(
        "jobs",
        "id",
        `state IN ('pending', 'running') AND EXISTS (SELECT 1 FROM runs
          WHERE runs.number = jobs.id >> 32 AND runs.state IN ('finished', 'cancelled'))`,
      ),
    },
  ],
};
