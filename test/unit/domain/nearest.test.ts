import { expect, test } from "vitest";
import { nearest } from "../../../src/domain/nearest.ts";

test.each([
  ["opnai", ["xai", "openai"], "openai"],
  ["smi", ["xai", "sim"], "sim"],
  ["rmp", ["tpm", "rpm"], "rpm"],
  ["SIM", ["xai", "sim"], "sim"],
  ["bedrock", ["xai", "sim"], null],
])("%s is taken for a slip of one of %j: %s", (word, candidates, near) => {
  expect(nearest(word, candidates)).toBe(near);
});
