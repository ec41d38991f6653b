import { realpathSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { ClaimedJob } from "../../src/domain/job.ts";
import type { Store } from "../../src/ports/store.ts";
import { databaseName, Spool } from "../../src/store/spool.ts";
import { type OpenOptions, openStore } from "../../src/store/sqlite/open.ts";
import { afterTest } from "./after-test.ts";
import { tempFolder } from "./cli.ts";
import { ManualClock } from "./manual-clock.ts";
import { seeded } from "./seeded.ts";

/** An SQLite job table in a folder of its own; stores opened through it are closed after the test. */
export class SqliteRig {
  readonly clock = new ManualClock();
  readonly path = join(tempFolder(), "jobs.db");
  readonly random = seeded(1);

  async open(options: Partial<OpenOptions> = {}): Promise<Store> {
    const { path, clock, random } = this;
    const store = await openStore({ path, clock, random, durability: "full", ...options });
    afterTest(() => store.close());
    return store;
  }

  spool(folder: string): Spool {
    return new Spool({
      folders: [folder],
      database: databaseName(realpathSync(this.path)),
      clock: this.clock,
    });
  }

  async ownerOf({ id }: ClaimedJob): Promise<number> {
    const db = new Database(this.path, { readonly: true });
    const owner = db.prepare<[number], number>("SELECT owner FROM jobs WHERE id = ?").pluck().get(id)!;
    db.close();
    return owner;
  }
}
