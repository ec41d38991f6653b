import { join } from "node:path";
import { expect, test } from "vitest";
import { openWriter } from "../../../../src/store/sqlite/connection.ts";
import { loadDriver } from "../../../../src/store/sqlite/driver.ts";
import { MIGRATIONS } from "../../../../src/store/sqlite/schema.ts";
import { WriteMode } from "../../../../src/store/sqlite/write-mode.ts";
import { tempFolder } from "../../../helpers/cli.ts";

const FULL = 2;
const NORMAL = 1;

test("after an import commits are as durable as was asked for, also where that was while it went on", () => {
  const options = { durability: "full", migrations: MIGRATIONS, wallMs: 0 } as const;
  const db = openWriter(loadDriver(), join(tempFolder(), "jobs.db"), options);
  const mode = new WriteMode(db);
  const synchronous = () => db.pragma("synchronous", { simple: true });
  mode.relax(true);
  expect(synchronous()).toBe(NORMAL);
  mode.relax(false);
  expect(synchronous()).toBe(FULL);
  mode.relax(true);
  mode.setDurability("full");
  expect(synchronous()).toBe(NORMAL);
  mode.relax(false);
  expect(synchronous()).toBe(FULL);
  mode.setDurability("normal");
  mode.relax(true);
  mode.relax(false);
  expect(synchronous()).toBe(NORMAL);
  db.close();
});
