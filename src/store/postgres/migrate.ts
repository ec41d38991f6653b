import { LlmBatchError } from "../../domain/errors.ts";
import type { Address } from "./address.ts";
import type { Session } from "./session.ts";
import { statement } from "./statement.ts";

/** `create` makes the job table where there is none; the others need one. */
export type OpenMode = "create" | "write" | "read";

const HAS_TABLES = statement<{ schema: string }, { ours: boolean; others: number }>(`
  SELECT count(*) FILTER (WHERE relname = 'meta') > 0 AS ours, count(*) AS others
  FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
  WHERE nspname = @schema AND relkind IN ('r', 'p', 'v', 'm')`);
const HAS_SCHEMA = statement<{ schema: string }, { exists: boolean }>(
  "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = @schema) AS exists",
);
const IS_READ_ONLY = statement<object, { isReadOnly: boolean }>(
  `SELECT current_setting('transaction_read_only')::boolean AS "isReadOnly"`,
);
const ENCODING = statement<object, { encoding: string }>(
  "SELECT current_setting('server_encoding') AS encoding",
);
const VERSION = statement<object, { version: number }>("SELECT max(version) AS version FROM {meta}");
const LOCK = statement<{ schema: string }, unknown>(
  "SELECT pg_advisory_xact_lock(hashtextextended('llm-batch ' || @schema, 0))",
);
const NOTE = statement<{ version: number; wallMs: number }>(
  "INSERT INTO {meta} (version, migrated_at) VALUES (@version, @wallMs)",
);
const ALIVE = statement<object, { count: number }>(`
  SELECT count(*) AS count FROM {processes}
  WHERE left_at IS NULL AND lease_until > extract(epoch FROM clock_timestamp()) * 1000`);

interface Opening {
  address: Address;
  mode: OpenMode;
  migrations: readonly string[];
  wallMs: number;
}

/**
 * Looks whether the schema is one of ours that this version can use, and brings an older one up to date: in one transaction,
 * under a lock, so that of several processes one does it.
 * @throws LlmBatchError DB_READ_ONLY, DB_NOT_FOUND, NOT_OURS, SCHEMA_TOO_NEW, SCHEMA_TOO_OLD, DB_IN_USE,
 *   DB_ENCODING
 */
export async function migrate(session: Session, opening: Opening): Promise<void> {
  const { address, mode, migrations } = opening;
  if (mode !== "read") await refuseReadOnly(session, address);
  const version = await versionOf(session, address);
  check(version, opening);
  if (version === migrations.length || mode === "read") return;
  await session.execute("BEGIN");
  try {
    await session.all(LOCK, { schema: address.schema });
    await upgrade(session, opening);
    await session.execute("COMMIT");
  } catch (error) {
    await session.execute("ROLLBACK").catch(() => {});
    throw error;
  }
}

/** It would be waited for, as for one that was the primary a moment ago. */
async function refuseReadOnly(session: Session, { shown }: Address): Promise<void> {
  const { isReadOnly } = (await session.first(IS_READ_ONLY, {}))!;
  if (!isReadOnly) return;
  throw new LlmBatchError({
    code: "DB_READ_ONLY",
    message: `${shown}: the server lets this user only read: it is a standby, or has default_transaction_read_only`,
    hint: "give the address of the server that takes writes; `llm-batch status` and `export` work here",
  });
}

async function upgrade(session: Session, { address, migrations, wallMs }: Opening): Promise<void> {
  // Another process may have migrated since: only what is read under the lock counts.
  const version = await versionOf(session, address);
  if (version >= migrations.length) return;
  if (version > 0) await refuseInUse(session, address, version, migrations.length);
  if (version === 0) await refuseEncoding(session, address);
  if (version === 0) await makeSchema(session, address);
  for (const statements of migrations.slice(version)) await session.execute(statements);
  await session.run(NOTE, { version: migrations.length, wallMs });
}

/** Prompts and answers may hold any character; SQL_ASCII keeps all bytes as they are. */
async function refuseEncoding(session: Session, { shown }: Address): Promise<void> {
  const { encoding } = (await session.first(ENCODING, {}))!;
  if (encoding === "UTF8" || encoding === "SQL_ASCII") return;
  throw new LlmBatchError({
    code: "DB_ENCODING",
    message: `${shown}: texts are kept there in ${encoding}, which has not every character`,
    hint: "make another database with `CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0`",
  });
}

/** Who was given a schema may have no right to make one, which `IF NOT EXISTS` would ask for all the same. */
async function makeSchema(session: Session, { schema }: Address): Promise<void> {
  const { exists } = (await session.first(HAS_SCHEMA, { schema }))!;
  if (!exists) await session.execute(`CREATE SCHEMA "${schema}"`);
}

/** 0 where there is no job table. */
async function versionOf(session: Session, { schema, shown }: Address): Promise<number> {
  const { ours, others } = (await session.first(HAS_TABLES, { schema }))!;
  if (ours) return (await session.first(VERSION, {}))!.version;
  if (others === 0) return 0;
  throw new LlmBatchError({
    code: "NOT_OURS",
    message: `${shown}: the schema ${schema} belongs to another program`,
    hint: "name another schema with ?schema= at the end of the address",
  });
}

function check(version: number, { address: { shown }, mode, migrations }: Opening): void {
  const known = migrations.length;
  if (version > known) {
    throw new LlmBatchError({
      code: "SCHEMA_TOO_NEW",
      message: `${shown} was written by a newer llm-batch: its schema is ${version}, this one knows ${known}`,
      hint: "update llm-batch, or name another schema with ?schema=",
    });
  }
  if (version === 0 && mode !== "create") {
    throw new LlmBatchError({
      code: "DB_NOT_FOUND",
      message: `there is no job table at ${shown}`,
      hint: "start one with `llm-batch run <input>`, or name another database with --db",
    });
  }
  if (version < known && mode === "read") {
    throw new LlmBatchError({
      code: "SCHEMA_TOO_OLD",
      message: `${shown} has schema ${version}, this llm-batch reads ${known}`,
      hint: "any command that writes, such as `llm-batch resume`, brings it up to date",
    });
  }
}

/** A process of an older version couldn't record its answers any more once the schema is newer. */
async function refuseInUse(
  session: Session,
  { shown }: Address,
  version: number,
  known: number,
): Promise<void> {
  const { count } = (await session.first(ALIVE, {}))!;
  if (count === 0) return;
  throw new LlmBatchError({
    code: "DB_IN_USE",
    message: `${shown} has schema ${version}, this llm-batch brings it to ${known}, and ${count} processes of an older llm-batch are at work on it`,
    hint: "let them finish, or stop them, then run the same command again",
  });
}
