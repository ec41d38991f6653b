import { existsSync } from "node:fs";
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
