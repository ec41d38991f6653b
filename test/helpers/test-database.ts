import type { ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import pg from "pg";
import type { StoreReader } from "../../src/ports/store.ts";
import { parseAddress } from "../../src/store/postgres/address.ts";
import { openStoreReader as openPostgres } from "../../src/store/postgres/open.ts";
import { openStoreReader as openSqlite } from "../../src/store/sqlite/open.ts";
import { systemClock } from "../../src/system/clock.ts";
import { stopProcess } from "./stop-process.ts";

const FILE = "llm-batch.db";

/** Whether the binary is tested on PostgreSQL, on the server that `DATABASE_URL` names. */
export function onPostgres(): boolean {
  return process.env.LLM_BATCH_TEST_DB === "postgres";
}

/** What makes the binary keep its job table in PostgreSQL, in a schema of the folder's own; nothing where a file is tested. */
export function databaseFor(cwd: string): Record<string, string> {
  return onPostgres() ? { LLM_BATCH_DB: addressOf(cwd) } : {};
}

/** What `--db` takes for a further database of a folder. */
export function databaseNamed(cwd: string, name: string): string {
  return onPostgres() ? addressOf(join(cwd, name)) : name;
}

export function openDatabase(cwd: string): Promise<StoreReader> {
  const options = { clock: systemClock, random: Math.random };
  return onPostgres()
    ? openPostgres({ ...options, address: parseAddress(addressOf(cwd)) })
    : openSqlite({ ...options, path: join(cwd, FILE) });
}

/** Every byte that a folder's database holds, as text. */
export async function databaseText(cwd: string): Promise<string> {
  if (onPostgres()) return onServer(cwd, tablesText);
  const files = [FILE, `${FILE}-wal`].map((name) => join(cwd, name)).filter((path) => existsSync(path));
  return files.map((path) => readFileSync(path, "latin1")).join("");
}

/** Asks the server itself; tables without a schema are those of the folder. */
export async function onServer<T>(cwd: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(process.env.DATABASE_URL);
  await client.connect();
  try {
    await client.query(`SET search_path TO ${schemaOf(cwd)}`);
    return await work(client);
  } finally {
    await client.end();
  }
}

async function tablesText(client: pg.Client): Promise<string> {
  const tables = await client.query<{ name: string }>(
    "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1",
  );
  const lines: string[] = [];
  for (const { name } of tables.rows) {
    const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} AS t`);
    lines.push(...rows.map(({ row }) => row));
  }
  return lines.join("\n");
}

/** Stops a process while it writes nothing: within a transaction it would keep everybody waiting. */
export function stopBetweenWrites(process: ChildProcess, cwd: string): void {
  const file = onPostgres() ? null : new Database(join(cwd, FILE), { timeout: 20_000 });
  file?.exec("BEGIN IMMEDIATE");
  stopProcess(process);
  file?.close();
}

function addressOf(folder: string): string {
  return `${process.env.DATABASE_URL}?schema=${schemaOf(folder)}`;
}

function schemaOf(folder: string): string {
  return `e2e_${createHash("sha256").update(folder).digest("hex").slice(0, 16)}`;
}
