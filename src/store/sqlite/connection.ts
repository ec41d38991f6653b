import { LlmBatchError } from "../../domain/errors.ts";
import type { Durability } from "../../ports/store.ts";
import type { Database, Driver } from "./driver.ts";
import { migrate } from "./migrate.ts";

const SYNCHRONOUS: Readonly<Record<Durability, number>> = { normal: 1, full: 2 };
/** What the log is cut back to after a long read has made it grow. */
const LOG_LIMIT_BYTES = 64 * 1024 * 1024;

/** Of pages, on each connection. better-sqlite3 is built for twice as much, which spared no time that could be measured. */
const CACHE_KIB = 8_000;

/** A connection that reads. Every read on it is one short transaction, so that the log can be checkpointed. */
export function openReader(driver: Driver, path: string): Database {
  const db = new driver(path, { readonly: true, timeout: 0 });
  db.pragma(`cache_size = -${CACHE_KIB}`);
  return db;
}

interface WriterOptions {
  durability: Durability;
  migrations: readonly string[];
  /** Names the backup of an older database. */
  wallMs: number;
}

/** The connection that writes: creates the database where there is none and brings an older one up to date. */
export function openWriter(driver: Driver, path: string, options: WriterOptions): Database {
  const db = new driver(path, { timeout: 0 });
  try {
    useWriteAheadLog(db, path);
    db.pragma("foreign_keys = ON");
    db.pragma(`cache_size = -${CACHE_KIB}`);
    db.pragma(`journal_size_limit = ${LOG_LIMIT_BYTES}`);
    // As durable as it gets while the schema is made: what is set here is set anew below.
    db.pragma("synchronous = FULL");
    migrate(db, path, options.migrations, options.wallMs);
    setDurability(db, options.durability);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function useWriteAheadLog(db: Database, path: string): void {
  const mode = db.pragma("journal_mode = WAL", { simple: true });
  if (mode === "wal") return;
  throw new LlmBatchError({
    code: "DB_ON_NETWORK",
    message: `${path} is on a file system without shared memory (journal mode ${mode})`,
    hint: "name a file on a local disk with --db",
  });
}

/** For all commits from now on. better-sqlite3 is built to fall back to NORMAL under a write-ahead log, so what was asked for is read back. */
export function setDurability(db: Database, durability: Durability): void {
  const wanted = SYNCHRONOUS[durability];
  db.pragma(`synchronous = ${wanted}`);
  const actual = db.pragma("synchronous", { simple: true });
  if (actual !== wanted) throw new Error(`synchronous is ${actual} and not ${wanted}`);
}

export function durabilityOf(db: Database): Durability {
  return db.pragma("synchronous", { simple: true }) === SYNCHRONOUS.normal ? "normal" : "full";
}
