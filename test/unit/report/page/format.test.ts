import { describe, expect, test } from "vitest";
import { duration, percent, short, ticks, usd } from "../../../../src/report/page/format.ts";

/** Local time: the time zone of who reads. */
const at = (day: number, hour: number, second = 0): number =>
  new Date(2026, 10, day, hour, 0, second).getTime();

test("numbers, shares and durations read as in the summary", () => {
  expect([950, 3_740, 12_345, 4_560_000].map(short)).toEqual(["950", "3,740", "12.3k", "4.6M"]);
  expect([0, 0.0004, 0.004, 0.5, 0.996, 1].map(percent)).toEqual([
    "0%",
    "0.1%",
    "0.4%",
    "50%",
    "99%",
    "100%",
  ]);
  expect([null, 0, 812, 1_430, 17_922, 200_000].map(duration)).toEqual([
    "–",
    "0ms",
    "812ms",
    "1.4s",
    "18s",
    "3m 20s",
  ]);
});

test("an amount reads as in the summary, however small", () => {
  expect([null, 0, 0.0000004, 0.036, 1.238, 1_234.5].map(usd)).toEqual([
    "–",
    "$0",
    "$0.00000040",
    "$0.036",
    "$1.24",
    "$1234.50",
  ]);
});

describe("the ticks of a time axis", () => {
  test("of several days are told apart", () => {
    expect(ticks([25, 26, 27].map((day) => at(day, 0)))).toEqual(["11-25", "11-26", "11-27"]);
    expect(ticks([at(25, 12), at(26, 0), at(26, 12)])).toEqual(["12:00:00", "11-26", "12:00:00"]);
  });

  test("within one second are told once", () => {
    expect(ticks([at(25, 9), at(25, 9) + 500, at(25, 9, 1)])).toEqual(["09:00:00", null, "09:00:01"]);
  });
});
