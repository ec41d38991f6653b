import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sameFile } from "../../../../src/store/sqlite/same-file.ts";
import { tempFolder } from "../../../helpers/cli.ts";
import { ManualClock } from "../../../helpers/manual-clock.ts";

const GONE = expect.objectContaining({ code: "DB_GONE" });

function watched() {
  const path = join(tempFolder(), "test.db");
  const clock = new ManualClock();
  for (const file of [path, `${path}-wal`, `${path}-other`]) writeFileSync(file, file);
  return { path, clock, check: sameFile(path, clock) };
}

test("files that are left alone pass, however often and late they are looked at", () => {
  const { clock, check } = watched();
  for (let second = 0; second < 3; second++) {
    check();
    check();
    clock.advance(1_000);
  }
  check();
});

test.each(["", "-wal"])("a file of the database that is deleted is told at the next look: %j", (file) => {
  const { path, check } = watched();
  check();
  rmSync(path + file);
  expect(check).toThrow(GONE);
});

test.each([
  ["", 0],
  ["-wal", 1_000],
])("another one in its place is told: %j after %i ms", (file, afterMs) => {
  const { path, clock, check } = watched();
  check();
  renameSync(`${path}-other`, path + file);
  clock.advance(afterMs);
  expect(check).toThrow(GONE);
});
