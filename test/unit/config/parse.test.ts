import { describe, expect, test } from "vitest";
import * as parse from "../../../src/config/parse.ts";

describe("option values", () => {
  test.each([
    ["counts", parse.count(), "10_000", 10_000],
    ["ports", parse.port, "65535", 65_535],
    ["counts with commas", parse.count(), "1,319", 1_319],
    ["amounts of money", parse.usd, "0.25", 250_000_000],
    ["amounts of many dollars", parse.usd, "1_500", 1_500_000_000_000],
    ["fractions of a cent", parse.usd, ".0000015", 1_500],
    ["durations", parse.duration, "1.5s", 1_500],
    ["durations with parts of a millisecond", parse.duration, "1000.5ms", 1_001],
    ["durations beside a whole millisecond by rounding", parse.duration, "1.005s", 1_005],
    ["durations below a millisecond", parse.duration, "0.1ms", 1],
    ["hours", parse.duration, "2h", 7_200_000],
    ["limits", parse.limit, "auto", "auto"],
    ["shares", parse.share, "25%", 0.25],
    ["failures in rows", parse.failures, "0", { rows: 0 }],
    ["failures as a share", parse.failures, "5%", { share: 0.05 }],
    ["ranges", parse.range, "3:10", { from: 3, to: 10 }],
    ["ranges to the end", parse.range, "3:", { from: 3, to: Number.POSITIVE_INFINITY }],
    ["flags", parse.flag, "false", false],
  ] as [string, (text: string) => unknown, string, unknown][])("%s are read", (_, read, text, value) => {
    expect(read(text)).toEqual(value);
  });

  test.each([
    ["count", "0", parse.count()],
    ["count", "1.5", parse.count()],
    ["count", "1e3 ", parse.count()],
    ["count", "", parse.count()],
    ["amount", "0", parse.usd],
    ["amount", "-1", parse.usd],
    ["amount", "$5", parse.usd],
    ["amount", "0x10", parse.usd],
    ["amount", "5 USD", parse.usd],
    ["amount", "", parse.usd],
    ["duration", "10", parse.duration],
    ["duration", "0s", parse.duration],
    ["duration", "-5s", parse.duration],
    ["share", "0%", parse.share],
    ["share", "101%", parse.share],
    ["share", "50", parse.share],
    ["range", ":", parse.range],
    ["range", "5:3", parse.range],
    ["range", "0:3", parse.range],
    ["decimal", "warm", parse.decimal],
    ["decimal", " ", parse.decimal],
    ["concurrency", "5000000000", parse.concurrency],
    ["port", "65536", parse.port],
    ["port", "-1", parse.port],
    ["choice", "c", parse.oneOf("a", "b")],
  ] as [string, string, (text: string) => unknown][])("a %s can't be read from %j", (_, text, read) => {
    expect(() => read(text)).toThrow(/expected/);
  });
});
