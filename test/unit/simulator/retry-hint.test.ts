import fc from "fast-check";
import { expect, test } from "vitest";
import { headerDuration } from "../../../src/simulator/header-duration.ts";
import { retryHint } from "../../../src/simulator/retry-hint.ts";

test.each([
  [0, "0ms"],
  [0.2, "1ms"],
  [12, "12ms"],
  [1_000, "1s"],
  [1_500, "1.5s"],
  [59_999, "59.999s"],
  [60_000, "1m0s"],
  [360_000, "6m0s"],
  [86_399_000, "23h59m59s"],
])("%d ms are written as %s", (ms, text) => {
  expect(headerDuration(ms)).toBe(text);
});

test("no form says less than the wait", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.001, max: 1e8, noNaN: true }),
      fc.integer({ min: 0, max: 999 }),
      (waitMs, wall) => {
        const header = (form: "retry-after" | "retry-after-date" | "retry-after-ms") =>
          retryHint(form, waitMs, wall).headers[1]!;
        expect(Number(header("retry-after")) * 1_000).toBeGreaterThanOrEqual(waitMs);
        expect(Number(header("retry-after-ms"))).toBeGreaterThanOrEqual(waitMs);
        expect(Date.parse(header("retry-after-date"))).toBeGreaterThanOrEqual(Math.floor(wall + waitMs));
        const delay = retryHint("google", waitMs, wall).retryDelay!;
        expect(Number(delay.slice(0, -1)) * 1_000).toBeGreaterThanOrEqual(waitMs - 1e-6);
      },
    ),
    { numRuns: 300 },
  );
});

test("what will never pass gets no hint", () => {
  expect(retryHint("retry-after", Infinity, 0)).toEqual({ headers: [], sentence: "", retryDelay: null });
});
