import { realpathSync, rmSync } from "node:fs";
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

  async takeForDead(job: ClaimedJob): Promise<void> {
    const owner = await this.ownerOf(job);
    const slot = this.#read("SELECT slot FROM owners WHERE id = ?", owner);
    rmSync(`${this.path}-lock-${slot}`);
  }

  async ownerOf({ id }: ClaimedJob): Promise<number> {
    return this.#read("SELECT owner FROM jobs WHERE id = ?", id);
  }

  #read(sql: string, id: number): number {
    const db = new Database(this.path, { readonly: true });
    const value = db.prepare<[number], number>(sql).pluck().get(id)!;
    db.close();
    return value;
  }
}
