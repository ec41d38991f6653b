import { describe, expect, test } from "vitest";
import { percent, ticks, usd } from "../../../../src/report/page/format.ts";

const plain = (text: string): string => text.replaceAll("\u00a0", " ");
/** Local time: the time zone of who reads. */
const at = (day: number, hour: number, second = 0): number =>
  new Date(2026, 10, day, hour, 0, second).getTime();

test("a share that only comes near all or nothing is told as neither", () => {
  const texts = [0, 0.0004, 0.004, 0.5, 0.996, 0.9996, 1].map((share) => plain(percent(share)));
  expect(texts).toEqual(["0 %", "< 0.1 %", "0.4 %", "50 %", "99.6 %", "> 99.9 %", "100 %"]);
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
