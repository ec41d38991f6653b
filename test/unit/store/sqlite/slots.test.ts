import { chmodSync, existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadDriver } from "../../../../src/store/sqlite/driver.ts";
import { Slots } from "../../../../src/store/sqlite/slots.ts";
import { tempFolder } from "../../../helpers/cli.ts";

function slotsBeside(path: string): Slots {
  return new Slots(loadDriver(), path);
}

test("each process holds a slot of its own until it lets go", () => {
  const path = join(tempFolder(), "jobs.db");
  const [one, two, observer] = [slotsBeside(path), slotsBeside(path), slotsBeside(path)];
  expect([one.take(), two.take()]).toEqual([1, 2]);
  expect([1, 2, 3].map((slot) => observer.isHeld(slot))).toEqual([true, true, false]);
  expect(one.isHeld(1)).toBe(true);
  one.release();
  expect([1, 2].map((slot) => observer.isHeld(slot))).toEqual([false, true]);
  expect(observer.take()).toBe(1);
  observer.release();
  two.release();
});

test("looking at a slot leaves it held, and lock files are never deleted", () => {
  const path = join(tempFolder(), "jobs.db");
  const [holder, observer] = [slotsBeside(path), slotsBeside(path)];
  const slot = holder.take();
  for (let look = 0; look < 3; look++) expect(observer.isHeld(slot)).toBe(true);
  holder.release();
  expect(existsSync(`${path}-lock-1`)).toBe(true);
});

/** Does something as a user who isn't root. */
function unprivileged<T>(work: () => T): T {
  if (process.getuid?.() !== 0) return work();
  process.seteuid!(12_345);
  try {
    return work();
  } finally {
    process.seteuid!(0);
  }
}

/** A database, and a lock file beside it that its users may use as `mode` says. */
function withLockFile(mode: number): string {
  const folder = tempFolder();
  chmodSync(folder, 0o777);
  const path = join(folder, "jobs.db");
  writeFileSync(path, "", { mode: 0o640 });
  writeFileSync(`${path}-lock-1`, "", { mode });
  return path;
}

test.each([0o444, 0o000])("a lock file that may not be written (%o) is no slot to hold", (mode) => {
  const path = withLockFile(mode);
  unprivileged(() => {
    const [one, two] = [slotsBeside(path), slotsBeside(path)];
    expect([one.take(), two.take()]).toEqual([2, 3]);
    expect([2, 3].map((slot) => one.isHeld(slot))).toEqual([true, true]);
    one.release();
    two.release();
  });
});

test("a lock file that may not be read is told, with the way to mend it", () => {
  const path = withLockFile(0o000);
  unprivileged(() => {
    expect(() => slotsBeside(path).isHeld(1)).toThrow(
      expect.objectContaining({ code: "DB_UNREADABLE", hint: expect.stringContaining("sudo chown") }),
    );
  });
});

test("a lock file is its database's users' to take", () => {
  const path = withLockFile(0o600);
  const slots = slotsBeside(path);
  expect(slots.take()).toBe(1);
  expect(statSync(`${path}-lock-1`).mode & 0o777).toBe(0o640);
  slots.release();
});
