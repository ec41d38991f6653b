import { realpathSync } from "node:fs";
import type { Clock } from "../../ports/clock.ts";
import type { Random } from "../../ports/random.ts";
import type { Durability, Store, StoreReader } from "../../ports/store.ts";
import { databaseName, Spool } from "../spool.ts";
import { whenFree } from "./busy.ts";
import { openReader, openWriter } from "./connection.ts";
import { alteredSchema, databaseFault } from "./database-error.ts";
import { type Driver, loadDriver } from "./driver.ts";
import { inspect } from "./inspect.ts";
import { type Connections, type StoreParts, wireParts } from "./parts.ts";
import { MIGRATIONS } from "./schema.ts";
import { Slots } from "./slots.ts";
import { SqliteReader } from "./sqlite-reader.ts";
import { SqliteStore } from "./sqlite-store.ts";

export interface OpenOptions {
  path: string;
  clock: Clock;
  random: Random;
  /** Told what is spooled. Default: nobody. */
  tell?(text: string): void;
  /** Where what can't be written to the database is kept, best first. Default: nowhere. */
  stateFolders?: readonly string[];
}

export interface OpenStoreOptions extends OpenOptions {
  durability: Durability;
  /** Refuses to create a database: a mistyped path is no new one. Default: false. */
  mustExist?: boolean;
}

/**
 * Opens a job table to work on it; creates it where there is none, and brings an older one up to date.
 * @throws LlmBatchError where the file, its folder or its content can't be used; it is left as it was
 */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const { path, clock, durability, mustExist = false } = options;
  const parts = await open(options, (driver) => {
    inspect(driver, path, mustExist ? "write" : "create", MIGRATIONS.length);
    const writer = openWriter(driver, path, { durability, migrations: MIGRATIONS, wallMs: clock.wall() });
    return wire(driver, { writer, reader: openReader(driver, path) }, options);
  });
  await parts.recovery.tryToRecover();
  return new SqliteStore(parts);
}

/**
 * Opens a job table to read it.
 * @throws LlmBatchError DB_NOT_FOUND, and as `openStore`
 */
export function openStoreReader(options: OpenOptions): Promise<StoreReader> {
  const { path } = options;
  return open(options, (driver) => {
    inspect(driver, path, "read", MIGRATIONS.length);
    const reader = openReader(driver, path);
    return new SqliteReader(wire(driver, { reader, writer: reader }, options));
  });
}

/** Lock files and spool go by the file's own name, whatever link leads to it, or its users would not see each other. */
function wire(driver: Driver, connections: Connections, options: OpenOptions): StoreParts {
  const { clock, random, tell = () => {}, stateFolders: folders = [] } = options;
  const path = realpathSync(options.path);
  const spool = new Spool({ folders, database: databaseName(path), clock });
  return wireParts(connections, new Slots(driver, path), { pacing: { clock, random }, spool, tell });
}

/** Waits for another process's lock, and puts what SQLite complains of into words. */
async function open<T>({ path, clock, random }: OpenOptions, connect: (driver: Driver) => T): Promise<T> {
  const driver = loadDriver();
  try {
    return await whenFree(() => connect(driver), { clock, random });
  } catch (error) {
    throw databaseFault(error, path) ?? alteredSchema(error, path) ?? error;
  }
}
