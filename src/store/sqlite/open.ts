import { realpathSync } from "node:fs";
import type { Clock } from "../../ports/clock.ts";
import type { Random } from "../../ports/random.ts";
import type { Durability, Store, StoreReader } from "../../ports/store.ts";
import { whenFree } from "./busy.ts";
import { openReader, openWriter } from "./connection.ts";
import { alteredSchema, databaseFault } from "./database-error.ts";
import { type Driver, loadDriver } from "./driver.ts";
import { inspect } from "./inspect.ts";
import { wireParts } from "./parts.ts";
import { MIGRATIONS } from "./schema.ts";
import { Slots } from "./slots.ts";
import { SqliteStore } from "./sqlite-store.ts";

export interface OpenOptions {
  path: string;
  clock: Clock;
  random: Random;
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
export function openStore(options: OpenStoreOptions): Promise<Store> {
  const { path, clock, durability, mustExist = false } = options;
  return open(options, (driver) => {
    inspect(driver, path, mustExist ? "write" : "create", MIGRATIONS.length);
    const writer = openWriter(driver, path, { durability, migrations: MIGRATIONS, wallMs: clock.wall() });
    return new SqliteStore(
      wireParts({ writer, reader: openReader(driver, path) }, slotsOf(driver, path), options),
    );
  });
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
    return new SqliteStore(wireParts({ reader, writer: reader }, slotsOf(driver, path), options));
  });
}

/** The lock files go by the file's own name, whatever link leads to it, or its users would not see each other. */
function slotsOf(driver: Driver, path: string): Slots {
  return new Slots(driver, realpathSync(path));
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
