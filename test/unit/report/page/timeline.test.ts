import { expect, test } from "vitest";
import { along, endOf, sumAlong, timelineOf } from "../../../../src/report/page/timeline.ts";

/** Two seconds, a pause of three, and another second. */
const timeline = timelineOf({ at: [1_000, 2_000, 6_000], spanMs: [1_000, 1_000, 1_000] });

test("a value stands from the start to the end of its span, and none in a pause", () => {
  expect(timeline.seconds).toEqual([1, 1.999, 2, 2.999, 3, 6, 6.999]);
  expect(along(timeline, (span) => span * 10)).toEqual([0, 0, 10, 10, null, 20, 20]);
});

test("a span without a value is none, though its neighbours have one", () => {
  expect(along(timeline, (span) => (span === 1 ? null : 1))).toEqual([1, 1, null, null, null, 1, 1]);
});

test("a sum begins with nothing, grows within spans alone, and is whole at the end of each", () => {
  const sums = sumAlong(timeline, [5, 2, 1]);
  expect(sums).toEqual([0, 5, 5, 7, 7, 7, 8]);
  expect([0, 1, 2].map((span) => sums[endOf(timeline, span)])).toEqual([5, 7, 8]);
});
