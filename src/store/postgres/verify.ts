import { type Check, failed, failedBy, passed, warned } from "../../domain/check.ts";
import { LlmBatchError } from "../../domain/errors.ts";
import { FIRST_JOB, INVARIANTS } from "../invariants.ts";
import { MIGRATIONS } from "./schema.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";
import { tallyDifferences } from "./tally-check.ts";

/** How much of what is wrong is told. */
const TOLD_AT_MOST = 3;
const CHANGED_HINT =
  "save the results with `llm-batch export --partial`; unless another program has changed the tables, it is a fault in llm-batch";

const VERSION = statement<object, { version: number }>("SELECT max(version) AS version FROM {meta}");
const RELATIONS = statement<{ schema: string }, { name: string; isSound: boolean }>(`
  SELECT relname AS name, coalesce(indisvalid AND indisready, true) AS "isSound"
  FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace LEFT JOIN pg_index ON indexrelid = pg_class.oid
  WHERE nspname = @schema`);
const NAME_OF = statement<{ job: number }, { run: string; key: string }>(`
  SELECT runs.id AS run, coalesce(inputs.key, 'row-' || (inputs.id & 4294967295)) AS key
  FROM {runs} JOIN {inputs} ON inputs.id = (@job::bigint >> 32 << 32) + ((@job::bigint & 4294967295) - 1) / runs.samples + 1
  WHERE runs.number = @job::bigint >> 32`);
const LEFT = statement<{ dead: number[] }, { count: number }>(
  "SELECT count(*) AS count FROM {jobs} WHERE owner = ANY(@dead::bigint[]) AND state = 'running'",
);
/** Ids used twice in a run: given twice, or given and also that of a row without one. */
const SAME_IDS = `
  SELECT count(*) AS count, min(${FIRST_JOB}) AS example FROM (
    SELECT max(id) AS id FROM inputs WHERE key IS NOT NULL GROUP BY run, key HAVING count(*) > 1
    UNION ALL
    SELECT given.id FROM inputs AS given
      JOIN inputs AS plain ON plain.key IS NULL AND plain.id = CASE WHEN given.key ~ '^row-[1-9][0-9]{0,9}$'
        THEN (given.run << 32) + substr(given.key, 5)::bigint END
  ) AS inputs`;

interface Verified {
  session: Session;
  schema: string;
  /** Owners whose process died. */
  dead: readonly number[];
}

type CheckOf = (verified: Verified, name: string) => Promise<Check>;

/**
 * Checks a job table by reading alone.
 * @param snapshot does a read that sees one state of the database, with the store's errors
 */
export async function verify(
  schema: string,
  snapshot: (work: (session: Session) => Promise<Check>) => Promise<Check>,
  deadOwners: (session: Session) => Promise<number[]>,
): Promise<Check[]> {
  const checks: Check[] = [];
  for (const [name, check] of CHECKS) {
    try {
      checks.push(
        await snapshot(async (session) => {
          // The invariants name tables as SQLite has them.
          await session.execute(`SET LOCAL search_path TO "${schema}"`);
          return check({ session, schema, dead: await deadOwners(session) }, name);
        }),
      );
    } catch (error) {
      if (!(error instanceof LlmBatchError)) throw error;
      checks.push(failedBy(name, error));
    }
  }
  return checks;
}

const CHECKS: readonly (readonly [name: string, check: CheckOf])[] = [
  ["schema", checkSchema],
  ["integrity", checkIntegrity],
  ["tallies", checkTallies],
  ["orphans", invariants("orphans", "rows, jobs, results and attempts belong together")],
  [
    "states",
    invariants("states", "every succeeded job has exactly one result, and twins are where their leaders are"),
  ],
  ["owners", checkOwners],
  ["runs", invariants("runs", "no run has ended with jobs left")],
  ["ids", checkIds],
];

async function checkSchema({ session, schema }: Verified, name: string): Promise<Check> {
  const { version } = (await session.first(VERSION, {}))!;
  const known = new Set((await session.all(RELATIONS, { schema })).map((relation) => relation.name));
  const wanted = MIGRATIONS.join().matchAll(/CREATE (?:TABLE|INDEX|UNIQUE INDEX) \{?(\w+)\}?/g);
  const missing = [...wanted].map(([, relation]) => relation!).filter((relation) => !known.has(relation));
  if (missing.length > 0) return failed(name, `missing: ${missing.join(", ")}`, CHANGED_HINT);
  return passed(name, `version ${version}, as llm-batch made it`);
}

async function checkIntegrity({ session, schema }: Verified, name: string): Promise<Check> {
  const broken = (await session.all(RELATIONS, { schema })).filter(({ isSound }) => !isSound);
  if (broken.length === 0) return passed(name, "every index is valid");
  const hint = `REINDEX SCHEMA ${schema}`;
  return failed(name, `invalid indexes: ${broken.map((relation) => relation.name).join(", ")}`, hint);
}

async function checkTallies({ session }: Verified, name: string): Promise<Check> {
  const found = await tallyDifferences(session);
  if (found.length === 0) return passed(name, "counts agree with the tables");
  return failed(name, told(found), CHANGED_HINT);
}

function invariants(which: keyof typeof INVARIANTS, sound: string): CheckOf {
  return async ({ session }, name) => {
    const found: string[] = [];
    for (const { broken, sql } of INVARIANTS[which]) found.push(...(await violations(session, broken, sql)));
    return found.length === 0 ? passed(name, sound) : failed(name, told(found), CHANGED_HINT);
  };
}

async function violations(session: Session, broken: string, sql: string): Promise<string[]> {
  const { count, example } = (await session.first(
    statement<object, { count: number; example: number | null }>(sql),
    {},
  ))!;
  if (example === null) return [];
  const known = await session.first(NAME_OF, { job: example });
  const place = known ? `${known.run} ${JSON.stringify(known.key)}` : `number ${example}`;
  return [`${count} ${broken}, e.g. ${place}`];
}

async function checkOwners(verified: Verified, name: string): Promise<Check> {
  const check = await invariants("owners", "every running job is in the hands of a living process")(
    verified,
    name,
  );
  if (check.verdict !== "ok") return check;
  const { count } = (await verified.session.first(LEFT, { dead: [...verified.dead] }))!;
  if (count === 0) return check;
  const hint = "`llm-batch resume` or `llm-batch work` takes them back and sends them again";
  return warned(name, `${count} running jobs were left by a process that died`, hint);
}

async function checkIds({ session }: Verified, name: string): Promise<Check> {
  const found = await violations(session, "ids are used twice", SAME_IDS);
  return found.length === 0
    ? passed(name, "every row's id is its own")
    : failed(name, told(found), CHANGED_HINT);
}

function told(found: readonly string[]): string {
  const more = found.length - TOLD_AT_MOST;
  return found.slice(0, TOLD_AT_MOST).join("; ") + (more > 0 ? `; and ${more} more` : "");
}
