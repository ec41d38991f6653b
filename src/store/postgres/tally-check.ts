import { JOB_STATES } from "../../domain/job.ts";
import type { Spend } from "../../domain/spend.ts";
import { type KeyRange, keyRange } from "../keys.ts";
import { type AttemptCounts, differingTallies } from "../tally-differences.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";

const RUNS = statement<object, { number: number; id: string }>(
  "SELECT number, id FROM {runs} WHERE state <> 'importing' ORDER BY number",
);
const TALLIES = statement<{ run: number }, { name: string; value: number | null }>(`
  SELECT name, sum(value) AS value FROM {tallies}
  WHERE run = @run AND (name LIKE 'jobs.%' OR name LIKE 'attempts.%' OR name LIKE 'failure.%' OR name LIKE 'shared.%'
    OR name = 'answers.unfit')
  GROUP BY name
  UNION ALL SELECT 'tokens', sum(value) FROM {tallies}
    WHERE run = @run AND name IN ('tokens.input', 'tokens.output', 'doubt.tokens')
  UNION ALL SELECT 'nano_usd', sum(value) FROM {tallies}
    WHERE run = @run AND name IN ('cost.nano_usd', 'doubt.nano_usd')`);
const JOBS = statement<KeyRange, Record<string, number>>(`
  SELECT ${JOB_STATES.map((state) => `count(*) FILTER (WHERE state = '${state}') AS ${state}`).join(", ")},
    count(twin) AS twins
  FROM {jobs} WHERE id BETWEEN @first AND @last`);
const FAILURES = statement<KeyRange, { code: string; count: number }>(`
  SELECT error_code AS code, count(*) AS count FROM {jobs}
  WHERE state = 'failed' AND id BETWEEN @first AND @last GROUP BY error_code`);
const ATTEMPTS = statement<KeyRange, AttemptCounts>(`
  SELECT count(*) AS total, count(*) FILTER (WHERE kind = 'succeeded') AS succeeded,
    count(*) FILTER (WHERE kind IN ('throttled', 'exhausted')) AS throttled,
    count(*) FILTER (WHERE kind = 'in_doubt') AS "inDoubt", count(*) FILTER (WHERE kind = 'invalid') AS unfit
  FROM {attempts} WHERE job BETWEEN @first AND @last`);
const RESULTS = statement<KeyRange, { own: number; takenOver: number }>(`
  SELECT count(*) FILTER (WHERE answered_by IS NULL) AS own, count(answered_by) AS "takenOver"
  FROM {results} WHERE job BETWEEN @first AND @last`);
const SPEND = statement<{ run: number }, Spend>(`
  SELECT coalesce(sum(tokens), 0) AS tokens, coalesce(sum(nano_usd), 0) AS "nanoUsd" FROM {spend} WHERE run = @run`);

/** One line for each tally that is wrong. Part of a snapshot: tallies and tables are only equal at one moment. */
export async function tallyDifferences(session: Session): Promise<string[]> {
  const found: string[] = [];
  for (const { number, id } of await session.all(RUNS, {})) {
    found.push(...(await differencesOf(session, number)).map((difference) => `${id}: ${difference}`));
  }
  return found;
}

async function differencesOf(session: Session, run: number): Promise<string[]> {
  const keys = keyRange(run);
  const tallies = await session.all(TALLIES, { run });
  return differingTallies(new Map(tallies.map(({ name, value }) => [name, value ?? 0])), {
    jobs: (await session.first(JOBS, keys))!,
    failures: await session.all(FAILURES, keys),
    attempts: (await session.first(ATTEMPTS, keys))!,
    results: (await session.first(RESULTS, keys))!,
    spend: (await session.first(SPEND, { run }))!,
  });
}
