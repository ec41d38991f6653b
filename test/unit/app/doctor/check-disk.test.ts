import { join } from "node:path";
import { expect, test } from "vitest";
import { checkDisk, checkSpace } from "../../../../src/app/doctor/check-disk.ts";
import { tempFolder } from "../../../helpers/cli.ts";

const MIB = 2 ** 20;

test.each([
  [10 * MIB, "failed"],
  [500 * MIB, "warning"],
  [50_000 * MIB, "ok"],
])("%d bytes of free space: %s", (freeBytes, verdict) => {
  const { verdict: actual, message } = checkSpace("/data", freeBytes);
  expect(actual).toBe(verdict);
  expect(message).toContain(`${(freeBytes / MIB).toLocaleString("en")} MiB are free in /data`);
});

test("a folder that can be written passes, whether or not the database is there", () => {
  expect(checkDisk(join(tempFolder(), "jobs.db"))[0]).toMatchObject({ name: "disk", verdict: "ok" });
});

test("a folder that can't be written fails", () => {
  const folder = join(tempFolder(), "missing");
  expect(checkDisk(join(folder, "jobs.db"))).toMatchObject([
    { name: "disk", verdict: "failed", message: `${folder}: can't be written: there is no such file` },
  ]);
});
