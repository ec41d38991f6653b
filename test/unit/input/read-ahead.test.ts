import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { ReadAhead } from "../../../src/input/read-ahead.ts";

interface Storing {
  promise: Promise<void>;
  resolve(): void;
  reject(error: Error): void;
}

function storing(): Storing {
  const all: Partial<Storing> = {};
  const promise = new Promise<void>((resolve, reject) => Object.assign(all, { resolve, reject }));
  return { ...(all as Storing), promise };
}

test.each([
  ["batches", 32, 1],
  ["characters", 4, 2 * 1024 * 1024],
])("reads on while batches are stored, until there are too many %s", async (_, fitting, characters) => {
  const ahead = new ReadAhead();
  const batches = Array.from({ length: fitting + 1 }, storing);
  for (const { promise } of batches.slice(0, fitting)) await ahead.add({ stored: promise, characters });
  let isReadOn = false;
  const added = ahead.add({ stored: batches[fitting]!.promise, characters }).then(() => {
    isReadOn = true;
  });
  await setImmediate();
  expect(isReadOn).toBe(false);
  batches[0]!.resolve();
  await added;
  for (const { resolve } of batches) resolve();
  await ahead.stored();
});

test("tells what storing failed of, and of a failure knows when the rest has settled", async () => {
  const ahead = new ReadAhead();
  const batches = Array.from({ length: 3 }, storing);
  for (const { promise } of batches) await ahead.add({ stored: promise, characters: 1 });
  batches[0]!.resolve();
  batches[1]!.reject(new Error("the disk is full"));
  await expect(ahead.stored()).rejects.toThrow("the disk is full");
  let isSettled = false;
  const settled = ahead.settled().then(() => {
    isSettled = true;
  });
  await setImmediate();
  expect(isSettled).toBe(false);
  batches[2]!.reject(new Error("and gone"));
  await settled;
});
