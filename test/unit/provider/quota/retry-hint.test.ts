import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readErrorBody } from "../../../../src/provider/classify/error-body.ts";
import { retryHint } from "../../../../src/provider/quota/retry-hint.ts";

const WALL_MS = Date.UTC(2026, 0, 1);

const fromHeaders = (headers: Record<string, string>): number | null => retryHint(headers, null, WALL_MS);
const fromMessage = (message: string): number | null =>
  retryHint({}, readErrorBody({ error: { message } }, true), WALL_MS);

describe("headers", () => {
  test.each([
    [{ "retry-after-ms": "644" }, 644],
    [{ "retry-after-ms": "644.2" }, 645],
    [{ "retry-after": "16" }, 16_000],
    [{ "retry-after": "0.5" }, 500],
    [{ "retry-after": " 7 " }, 7_000],
    [{ "retry-after": "Thu, 01 Jan 2026 00:00:30 GMT" }, 30_000],
    [{ "retry-after": "Thursday, 01-Jan-26 00:00:30 GMT" }, 30_000],
    [{ "retry-after": "2026-01-01T00:00:45Z" }, 45_000],
    [{ "retry-after": "6m0s" }, 360_000],
    [{ "x-rate-limit-reset-tokens": "55" }, 55_000],
  ])("%o", (headers, ms) => {
    expect(fromHeaders(headers)).toBe(ms);
  });

  test.each([
    [{}],
    [{ "retry-after": "0" }],
    [{ "retry-after": "-5" }],
    [{ "retry-after": "soon" }],
    [{ "retry-after": "NaN" }],
    [{ "retry-after": "Infinity" }],
    [{ "retry-after": "9".repeat(400) }],
    [{ "retry-after": "Thu, 01 Jan 2015 00:00:00 GMT" }],
    [{ "retry-after-ms": "soon" }],
  ])("%o says nothing", (headers) => {
    expect(fromHeaders(headers)).toBeNull();
  });

  test("the exact header stands for the rounded one", () => {
    expect(fromHeaders({ "retry-after-ms": "20", "retry-after": "1" })).toBe(20);
  });

  test("a header that can't be read leaves the other one", () => {
    expect(fromHeaders({ "retry-after-ms": "soon", "retry-after": "1" })).toBe(1_000);
  });
});

describe("messages", () => {
  test.each([
    ["Please try again in 6m0s.", 360_000],
    ["Please try again in 20ms. Visit https://example.com", 20],
    ["Please try again in 1.5s", 1_500],
    ["try again in 2 minutes", 120_000],
    ["Try again in about 1 hour and 5 minutes.", 3_900_000],
    ["Please retry after 86400 seconds.", 86_400_000],
    ["Please retry in 45.578569677s.", 45_579],
    ["Limit resets in 2h30m15s", 9_015_000],
    ["wait 3 days", 259_200_000],
  ])("%s", (message, ms) => {
    expect(fromMessage(message)).toBe(ms);
  });

  test.each([
    ["This limit is 3 per 20s."],
    ["Please try again later."],
    ["try again in 5"],
    ["try again in 5 moments"],
    ["try again in 5m of rope's shadow".replace("5m", "5mx")],
  ])("%s says nothing", (message) => {
    expect(fromMessage(message)).toBeNull();
  });
});

test("Google's own field is read", () => {
  const json = { error: { details: [{ retryDelay: "38s" }] } };
  expect(retryHint({}, readErrorBody(json, true), WALL_MS)).toBe(38_000);
});

test("of several hints the longest counts", () => {
  const body = readErrorBody(
    { error: { message: "Please retry in 36.4s.", details: [{ retryDelay: "36s" }] } },
    true,
  );
  expect(retryHint({ "retry-after": "37" }, body, WALL_MS)).toBe(37_000);
  expect(retryHint({ "retry-after": "1" }, body, WALL_MS)).toBe(36_400);
});

test("of a header that is sent twice the longest counts", () => {
  expect(retryHint({ "retry-after": ["1", "30"] }, null, WALL_MS)).toBe(30_000);
  expect(retryHint({ "retry-after": ["30", "soon"] }, null, WALL_MS)).toBe(30_000);
});

test("a hint is never shortened, whatever its form", () => {
  const forms = fc.constantFrom<(seconds: number) => [Record<string, string>, string]>(
    (seconds) => [{ "retry-after": String(seconds) }, ""],
    (seconds) => [{ "retry-after-ms": String(seconds * 1_000) }, ""],
    (seconds) => [{ "retry-after": new Date(WALL_MS + seconds * 1_000).toUTCString() }, ""],
    (seconds) => [{}, `try again in ${seconds}s`],
    (seconds) => [{}, `try again in ${Math.floor(seconds / 60)}m${seconds % 60}s`],
    (seconds) => [{}, `retry after ${seconds} seconds`],
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 * 86_400 }), forms, (seconds, form) => {
      const [headers, message] = form(seconds);
      expect(retryHint(headers, readErrorBody({ error: { message } }, true), WALL_MS)).toBe(seconds * 1_000);
    }),
    { numRuns: 500 },
  );
});

test("whatever is sent, the hint is null or a whole positive number", () => {
  const text = fc.oneof(
    fc.string(),
    fc.stringMatching(/^-?\d{0,30}(\.\d{0,9})?(ms|s|m|h|d)?$/),
    fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    fc.constantFrom("1e999", "-1", "0x10", "Infinity", "-Infinity", "NaN", "1_000", "٣"),
  );
  fc.assert(
    fc.property(text, text, text, fc.jsonValue(), (after, afterMs, message, json) => {
      const headers = { "retry-after": after, "retry-after-ms": afterMs };
      for (const body of [{ error: { message: `try again in ${message}` } }, json]) {
        const hint = retryHint(headers, readErrorBody(body, true), WALL_MS);
        expect(hint === null || (Number.isInteger(hint) && hint > 0)).toBe(true);
      }
    }),
    { numRuns: 700 },
  );
});
