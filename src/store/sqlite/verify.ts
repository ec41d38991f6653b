import { type Check, failed, failedBy, passed, warned } from "../../domain/check.ts";
import { formatDuration } from "../../domain/duration.ts";
import { LlmBatchError } from "../../domain/errors.ts";
import { INVARIANTS as SHARED } from "../invariants.ts";
import { type Broken, checkOf, SOUND, TOLD_AT_MOST, violation } from "../soundness.ts";
import { CORRUPT_HINT } from "./database-error.ts";
import { type Database, loadDriver } from "./driver.ts";
import { READABLE_HISTORY, SAME_IDS } from "./invariants.ts";
import { schemaVersion } from "./migrate.ts";
import type { Owners } from "./owners.ts";
import { APPLICATION_ID, MIGRATIONS } from "./schema.ts";
import { TallyCheck } from "./tally-check.ts";

const CLOCK_TOLERANCE_MS = 60_000;

const INTEGRITY = `PRAGMA integrity_check(${TOLD_AT_MOST})`;
const FOREIGN_KEYS = `SELECT "table" || ' ' || rowid FROM pragma_foreign_key_check LIMIT ${TOLD_AT_MOST}`;
const SCHEMA = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'";
const RUNNING_OF = "SELECT count(*) FROM jobs WHERE owner = ? AND state = 'running'";
const NEWEST = `
  SELECT max((SELECT coalesce(max(created_at), 0) FROM runs), (SELECT coalesce(max(started_at), 0) FROM owners))`;
const NAME_OF = `
  SELECT runs.id AS run, coalesce(inputs.key, 'row-' || (inputs.id & 4294967295)) AS key
  FROM runs JOIN inputs ON inputs.id = (@job >> 32 << 32) + ((@job & 4294967295) - 1) / runs.samples + 1
  WHERE runs.number = @job >> 32`;

const CHANGED_HINT =
  "keep a copy of the file and save the results with `llm-batch export --partial`; unless another program has changed the database, it is a fault in llm-batch";

const INVARIANTS = { ...SHARED, orphans: [...SHARED.orphans, READABLE_HISTORY] };

interface Verified {
  db: Database;
  owners: Owners;
  wallMs: number;
}

/**
 * Checks a database by reading alone. Each check reads one state of the database, so that it holds while others write.
 * @param read does a read as the store does them, with the store's errors
 */
export async function verify(
  verified: Verified,
  read: (work: () => Check) => Promise<Check>,
): Promise<Check[]> {
  const checks: Check[] = [];
  for (const [name, check] of CHECKS) {
    try {
      checks.push(await read(() => check(verified, name)));
    } catch (error) {
      if (!(error instanceof LlmBatchError)) throw error;
      checks.push(failedBy(name, error));
    }
  }
  return checks;
}

const CHECKS: readonly (readonly [name: string, check: (verified: Verified, name: string) => Check])[] = [
  ["schema", checkSchema],
  ["integrity", checkIntegrity],
  ["foreign keys", checkForeignKeys],
  ["tallies", checkTallies],
  ["orphans", invariants("orphans")],
  ["states", invariants("states")],
  ["owners", checkOwners],
  ["runs", invariants("runs")],
  ["ids", checkIds],
  ["clock", checkClock],
];

function checkSchema({ db }: Verified, name: string): Check {
  const actual = schemaOf(db);
  const model = new (loadDriver())(":memory:");
  for (const statements of MIGRATIONS) model.exec(statements);
  const changed = [...schemaOf(model)].filter(([object, sql]) => actual.get(object) !== sql);
  model.close();
  const version = schemaVersion(db);
  const isOurs = db.pragma("application_id", { simple: true }) === APPLICATION_ID;
  if (!isOurs || version !== MIGRATIONS.length) {
    return failed(name, `the database's mark or version (${version}) has changed`, CHANGED_HINT);
  }
  if (changed.length === 0) return passed(name, `version ${version}, as llm-batch made it`);
  return failed(name, `missing or changed: ${changed.map(([object]) => object).join(", ")}`, CHANGED_HINT);
}

function schemaOf(db: Database): Map<string, string> {
  return new Map(db.prepare<[], [string, string]>(SCHEMA).raw().all());
}

function checkIntegrity({ db }: Verified, name: string): Check {
  const found = db.prepare<[], string>(INTEGRITY).pluck().all();
  if (found[0] === "ok") return passed(name, "every page and index is sound");
  return failed(name, found.join("; ").replace(/\s+/g, " "), CORRUPT_HINT);
}

function checkForeignKeys({ db }: Verified, name: string): Check {
  const found = db.prepare<[], string>(FOREIGN_KEYS).pluck().all();
  if (found.length === 0) return passed(name, "every reference leads somewhere");
  return failed(name, `rows that refer to nothing: ${found.join(", ")}`, CHANGED_HINT);
}

function checkTallies({ db }: Verified, name: string): Check {
  return checkOf(name, new TallyCheck(db).differences(), SOUND.tallies, CHANGED_HINT);
}

function invariants(which: keyof typeof INVARIANTS): (verified: Verified, name: string) => Check {
  return ({ db }, name) => {
    const found = INVARIANTS[which].flatMap(({ broken, sql }) => violations(db, broken, sql));
    return checkOf(name, found, SOUND[which], CHANGED_HINT);
  };
}

function violations(db: Database, broken: string, sql: string): string[] {
  const found = db.prepare<[], Broken>(sql).get()!;
  if (found.example === null) return [];
  const nameOf = db.prepare<[{ job: number }], { run: string; key: string }>(NAME_OF);
  return [violation(broken, found, nameOf.get({ job: found.example }))];
}

function checkOwners(verified: Verified, name: string): Check {
  const check = invariants("owners")(verified, name);
  if (check.verdict !== "ok") return check;
  const { db, owners } = verified;
  const runningOf = db.prepare<[number], number>(RUNNING_OF).pluck();
  const left = owners.dead().reduce((sum, owner) => sum + runningOf.get(owner)!, 0);
  if (left === 0) return check;
  const hint = "`llm-batch resume` takes them back and sends them again";
  return warned(name, `${left} running jobs were left by a process that died`, hint);
}

function checkIds({ db }: Verified, name: string): Check {
  return checkOf(name, violations(db, "ids are used twice", SAME_IDS), SOUND.ids, CHANGED_HINT);
}

function checkClock({ db, wallMs }: Verified, name: string): Check {
  const ahead = db.prepare<[], number>(NEWEST).pluck().get()! - wallMs;
  if (ahead <= CLOCK_TOLERANCE_MS) return passed(name, "is not behind what is stored");
  const hint = "set the clock right; until then the times shown are wrong";
  return warned(name, `the machine's clock is ${formatDuration(ahead)} behind the newest entry`, hint);
}
