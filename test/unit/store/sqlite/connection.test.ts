import { join } from "node:path";
import { expect, test } from "vitest";
import type { Durability } from "../../../../src/ports/store.ts";
import { openWriter } from "../../../../src/store/sqlite/connection.ts";
import { loadDriver } from "../../../../src/store/sqlite/driver.ts";
import { MIGRATIONS } from "../../../../src/store/sqlite/schema.ts";
import { tempFolder } from "../../../helpers/cli.ts";

test.each<[Durability, number]>([
  ["full", 2],
  ["normal", 1],
])(
  "durability %s still holds after writes, in a new database and in one opened again",
  (durability, synchronous) => {
    const path = join(tempFolder(), "jobs.db");
    for (const opening of [1, 2]) {
      const db = openWriter(loadDriver(), path, { durability, migrations: MIGRATIONS, wallMs: 0 });
      db.prepare("INSERT INTO endpoints VALUES (?, '', 0)").run(`e${opening}`);
      expect(db.pragma("synchronous", { simple: true })).toBe(synchronous);
      expect(db.pragma("journal_mode", { simple: true })).toBe("wal");
      db.close();
    }
  },
);
