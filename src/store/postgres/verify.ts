import { type Check, failed, failedBy, passed, warned } from "../../domain/check.ts";
import { LlmBatchError } from "../../domain/errors.ts";
import { FIRST_JOB, INVARIANTS } from "../invariants.ts";
import { type Broken, checkOf, SOUND, violation } from "../soundness.ts";
import { MIGRATIONS } from "./schema.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";
import { tallyDifferences } from "./tally-check.ts";

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
  ["orphans", invariants("orphans")],
  ["states", invariants("states")],
  ["owners", checkOwners],
  ["runs", invariants("runs")],
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
  return checkOf(name, await tallyDifferences(session), SOUND.tallies, CHANGED_HINT);
}

function invariants(which: keyof typeof INVARIANTS): CheckOf {
  return async ({ session }, name) => {
    const found: string[] = [];
    for (const { broken, sql } of INVARIANTS[which]) found.push(...(await violations(session, broken, sql)));
    return checkOf(name, found, SOUND[which], CHANGED_HINT);
  };
}

async function violations(session: Session, broken: string, sql: string): Promise<string[]> {
  const found = (await session.first(statement<object, Broken>(sql), {}))!;
  if (found.example === null) return [];
  return [violation(broken, found, await session.first(NAME_OF, { job: found.example }))];
}

async function checkOwners(verified: Verified, name: string): Promise<Check> {
  const check = await invariants("owners")(verified, name);
  if (check.verdict !== "ok") return check;
  const { count } = (await verified.session.first(LEFT, { dead: [...verified.dead] }))!;
  if (count === 0) return check;
  const hint = "`llm-batch resume` or `llm-batch work` takes them back and sends them again";
  return warned(name, `${count} running jobs were left by a process that died`, hint);
}

async function checkIds({ session }: Verified, name: string): Promise<Check> {
  const found = await violations(session, "ids are used twice", SAME_IDS);
  return checkOf(name, found, SOUND.ids, CHANGED_HINT);
}
