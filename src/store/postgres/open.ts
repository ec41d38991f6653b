import type { Clock } from "../../ports/clock.ts";
import type { Random } from "../../ports/random.ts";
import type { Store, StoreReader } from "../../ports/store.ts";
import { Spool } from "../spool.ts";
import type { Address } from "./address.ts";
import { databaseFault } from "./database-error.ts";
import { type Driver, loadDriver } from "./driver.ts";
import { Link } from "./link.ts";
import { migrate, type OpenMode } from "./migrate.ts";
import { LISTEN, News } from "./news.ts";
import { wireParts } from "./parts.ts";
import { Patience } from "./patience.ts";
import { PostgresStore } from "./postgres-store.ts";
import { Membership } from "./processes.ts";
import { MIGRATIONS } from "./schema.ts";

export interface OpenOptions {
  address: Address;
  clock: Clock;
  random: Random;
  /** Told when the database goes away, when it is back, and what is spooled meanwhile. Default: nobody. */
  tell?(text: string): void;
  /** Where what can't be written to the database is kept, best first. Default: nowhere. */
  stateFolders?: readonly string[];
}

const READ_ONLY = "SET default_transaction_read_only = on";

/**
 * Opens a job table to work on it; creates it where there is none and that is wanted, and brings an older one up to date.
 * @throws LlmBatchError DRIVER_MISSING, DB_UNREACHABLE, and what `migrate` throws
 */
export function openStore(options: OpenOptions & { mustExist: boolean }): Promise<Store> {
  return open(options, options.mustExist ? "write" : "create");
}

/**
 * Opens a job table to read it.
 * @throws as `openStore`
 */
export function openStoreReader(options: OpenOptions): Promise<StoreReader> {
  return open(options, "read");
}

async function open(options: OpenOptions, mode: OpenMode): Promise<PostgresStore> {
  const { address, clock, random, tell = () => {}, stateFolders = [] } = options;
  const driver = loadDriver();
  const reader = readerOf(driver, options, mode);
  try {
    await reader.use((session) =>
      migrate(session, { address, mode, migrations: MIGRATIONS, wallMs: clock.wall() }),
    );
    const say = (text: string): void => tell(address.redact(text));
    const patience = new Patience({ clock, random, writes: mode !== "read", tell: say });
    const membership: Membership = new Membership(clock, () => parts.commits.write(async () => {}));
    const news = new News();
    const writer = writerOf(driver, options, membership, news);
    const spool = new Spool({ folders: stateFolders, database: address.identity, clock });
    const parts = wireParts({
      address,
      reader,
      writer,
      membership,
      patience,
      news,
      spool,
      clock,
      random,
      tell: say,
    });
    if (mode !== "read") await parts.recovery.tryToRecover();
    return new PostgresStore(parts);
  } catch (error) {
    await reader.close();
    throw databaseFault(error, address) ?? error;
  }
}

/** A reader's connection is told to write nothing, except behind a pooler, where others would be told so as well. */
function readerOf(driver: Driver, { address, clock }: OpenOptions, mode: OpenMode): Link {
  return new Link({
    address,
    driver,
    clock,
    name: "reader",
    prepare: async (session, isPooled) => {
      if (mode === "read" && !isPooled) await session.execute(READ_ONLY);
    },
  });
}

function writerOf(driver: Driver, { address, clock }: OpenOptions, membership: Membership, news: News): Link {
  return new Link({
    address,
    driver,
    clock,
    name: "writer",
    onNotice: () => news.tell(),
    prepare: async (session, isPooled) => {
      await membership.enter(session, isPooled);
      if (!isPooled) await session.execute(LISTEN);
    },
  });
}
