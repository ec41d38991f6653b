import { expect, test } from "vitest";
import { Bucketed, SECONDS, TOKENS } from "../../../../src/observe/metrics/bucketed.ts";

test("a bucket holds every value up to its bound, the bound itself included", () => {
  const bucketed = new Bucketed([1, 10]);
  for (const value of [0.5, 1, 1.5, 10, 11]) bucketed.add(value);
  expect(bucketed.upTo()).toEqual([
    ["1", 2],
    ["10", 4],
    ["+Inf", 5],
  ]);
  expect([bucketed.sum, bucketed.count]).toEqual([24, 5]);
});

test("the bounds are those that the OpenTelemetry conventions advise", () => {
  expect(SECONDS).toEqual([
    0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
  ]);
  expect([TOKENS[0], TOKENS[1], TOKENS.at(-1)]).toEqual([1, 4, 67_108_864]);
});
