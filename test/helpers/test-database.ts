import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import type { StoreReader } from "../../src/ports/store.ts";
import { parseAddress } from "../../src/store/postgres/address.ts";
import { openStoreReader as openPostgres } from "../../src/store/postgres/open.ts";
import { openStoreReader as openSqlite } from "../../src/store/sqlite/open.ts";
import { systemClock } from "../../src/system/clock.ts";

/** Whether the tests of the whole program run on PostgreSQL. */
const onPostgres = process.env.LLM_BATCH_TEST_DB === "postgres";
const FILE = "llm-batch.db";

/** What makes the binary keep its job table in PostgreSQL, in a schema of the folder's own; nothing where a file is tested. */
export function databaseFor(cwd: string): Record<string, string> {
  return onPostgres ? { LLM_BATCH_DB: addressOf(cwd) } : {};
}

/** What `--db` takes for a further database of a folder. */
export function databaseNamed(cwd: string, name: string): string {
  return onPostgres ? addressOf(join(cwd, name)) : name;
}

export function openDatabase(cwd: string): Promise<StoreReader> {
  const options = { clock: systemClock, random: Math.random };
  return onPostgres
    ? openPostgres({ ...options, address: parseAddress(addressOf(cwd)) })
    : openSqlite({ ...options, path: join(cwd, FILE) });
}

/** Every byte that a folder's database holds, as text. */
export async function databaseText(cwd: string): Promise<string> {
  if (onPostgres) return tablesText(schemaOf(cwd));
  const files = [FILE, `${FILE}-wal`].map((name) => join(cwd, name)).filter((path) => existsSync(path));
  return files.map((path) => readFileSync(path, "latin1")).join("");
}

async function tablesText(schema: string): Promise<string> {
  const client = new pg.Client(process.env.DATABASE_URL);
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = $1 ORDER BY 1",
      [schema],
    );
    const lines: string[] = [];
    for (const { name } of tables.rows) {
      const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} AS t`);
      lines.push(...rows.map(({ row }) => row));
    }
    return lines.join("\n");
  } finally {
    await client.end();
  }
}

function addressOf(folder: string): string {
  return `${process.env.DATABASE_URL}?schema=${schemaOf(folder)}`;
}

function schemaOf(folder: string): string {
  return `e2e_${createHash("sha256").update(folder).digest("hex").slice(0, 16)}`;
}
