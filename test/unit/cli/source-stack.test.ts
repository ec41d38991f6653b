import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { sourceStack } from "../../../src/cli/source-stack.ts";

const ROOT = join(import.meta.dirname, "../../..");
const BUILT = join(ROOT, "dist/main.js");

/** `line:column` of the first place of a text in a file, from 1. */
function placeOf(text: string, file: string): string {
  const before = readFileSync(file, "utf8").split(text)[0]!.split("\n");
  return `${before.length}:${before.at(-1)!.length + 1}`;
}

test("a stack names places in the source, not in the bundle", () => {
  const stack = `Error: oops\n    at open (${pathToFileURL(BUILT).href}:${placeOf("heap.keepSmall", BUILT)})`;
  const place = placeOf("heap.keepSmall", join(ROOT, "src/main.ts"));
  expect(sourceStack(stack)).toBe(`Error: oops\n    at open (src/main.ts:${place})`);
});

test("what has no map stays as it is", () => {
  const stack = "Error: oops\n    at a (node:fs:1:2)\n    at b (file:///nowhere/c.js:3:4)";
  expect(sourceStack(stack)).toBe(stack);
});
