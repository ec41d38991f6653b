import { join } from "node:path";
import { afterEach } from "vitest";
import type { Store } from "../../src/ports/store.ts";
import { openStore } from "../../src/store/sqlite/open.ts";
import { tempFolder } from "./cli.ts";
import { ManualClock } from "./manual-clock.ts";
import { seeded } from "./seeded.ts";

const opened: Store[] = [];

afterEach(async () => {
  for (const store of opened.splice(0).reverse()) await store.close();
});

/** An SQLite job table in a folder of its own; stores opened through it are closed after the test. */
export class SqliteRig {
  readonly clock = new ManualClock();
  readonly path = join(tempFolder(), "jobs.db");
  readonly random = seeded(1);

  async open(): Promise<Store> {
    const { path, clock, random } = this;
    const store = await openStore({ path, clock, random, durability: "full" });
    opened.push(store);
    return store;
  }
}
