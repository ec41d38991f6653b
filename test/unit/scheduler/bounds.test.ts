import { describe, expect, test } from "vitest";
import { tooManyFailures } from "../../../src/scheduler/bounds.ts";

describe("a share of all rows that may fail", () => {
  test("is a whole number of rows where it comes to one, and told as it was given", () => {
    for (let percent = 1; percent < 100; percent++) {
      const limit = { share: percent / 100 };
      expect(tooManyFailures(limit, { totalRows: 100, failedRows: percent })).toBeNull();
      const { message } = tooManyFailures(limit, { totalRows: 100, failedRows: percent + 1 })!;
      expect(message).toBe(`${percent + 1} rows failed for good: --max-failures ${percent}%`);
    }
  });

  test("leaves no part of a row", () => {
    const limit = { share: 0.125 };
    expect(tooManyFailures(limit, { totalRows: 20, failedRows: 2 })).toBeNull();
    expect(tooManyFailures(limit, { totalRows: 20, failedRows: 3 })?.message).toContain("12.5%");
  });
});
