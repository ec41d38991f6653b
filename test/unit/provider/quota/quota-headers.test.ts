import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Dialect } from "../../../../src/provider/dialects.ts";
import { quotaReports } from "../../../../src/provider/quota/quota-headers.ts";

const WALL_MS = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const read = (headers: Record<string, string>, dialect: Dialect = "generic") =>
  quotaReports(headers, dialect, WALL_MS);

const requests = (limit: string, remaining: string, reset: string): Record<string, string> => ({
  "x-ratelimit-limit-requests": limit,
  "x-ratelimit-remaining-requests": remaining,
  "x-ratelimit-reset-requests": reset,
});

test("no headers, no reports", () => {
  for (const dialect of ["generic", "azure", "groq", "openrouter"] as const)
    expect(read({}, dialect)).toEqual([]);
});

test.each([
  ["12ms", 12],
  ["1s", 1_000],
  ["53.5s", 53_500],
  ["59", 59_000],
  [String(WALL_MS / 1_000 + 30), 30_000],
  [String(WALL_MS + 30_000), 30_000],
  ["2026-01-01T00:00:20Z", 20_000],
  ["2025-12-31T23:59:00Z", 0],
])("a reset of %s", (reset, resetMs) => {
  expect(read(requests("60", "30", reset))).toEqual([
    { dimension: "requests", limit: 60, remaining: 30, resetMs, windowMs: MINUTE_MS },
  ]);
});

test("a reset that can't be read is left out", () => {
  expect(read(requests("60", "30", "soon"))).toEqual([
    { dimension: "requests", limit: 60, remaining: 30, windowMs: MINUTE_MS },
  ]);
});

test.each([
  ["", "30", { remaining: 30, resetMs: 9_000 }],
  ["60", "", { limit: 60, resetMs: 9_000 }],
  ["-1", "-1", null],
  ["0", "0", { remaining: 0, resetMs: 9_000 }],
])("a limit of '%s' with '%s' left says what it can", (limit, remaining, said) => {
  const report = { dimension: "requests", windowMs: MINUTE_MS, ...said };
  expect(read(requests(limit, remaining, "9s"))).toEqual(said ? [report] : []);
});

describe("the window", () => {
  test.each([
    ["", "9990"],
    ["10000", ""],
    ["10000", "10000"],
    ["10000", "10001"],
  ])("stays a minute where nothing tells what was used: %s, %s", (limit, remaining) => {
    expect(read(requests(limit, remaining, "1m26.4s"))[0]?.windowMs).toBe(MINUTE_MS);
  });

  test("is a day where what was used comes back that slowly", () => {
    // 10,000 a day: 8.64 s for each.
    expect(read(requests("10000", "9990", "1m26.4s"))[0]?.windowMs).toBe(DAY_MS);
  });

  test("is a day where the reset is far away", () => {
    expect(read(requests("200", "0", "7h12m0s"))[0]?.windowMs).toBe(DAY_MS);
  });

  test("stays a minute for a bucket in debt", () => {
    expect(read(requests("600", "0", "1m30s"))[0]?.windowMs).toBe(MINUTE_MS);
  });

  test("stays a minute for a window that has just begun", () => {
    expect(read(requests("1440", "1439", "60s"))[0]?.windowMs).toBe(MINUTE_MS);
  });

  test("of Groq's requests is a day from the first call on", () => {
    const [report] = read(requests("14400", "14399", "6s"), "groq");
    expect(report).toEqual({
      dimension: "requests",
      limit: 14_400,
      remaining: 14_399,
      resetMs: 6_000,
      windowMs: DAY_MS,
    });
  });
});

test("OpenRouter's reset is an epoch in milliseconds", () => {
  const headers = {
    "x-ratelimit-limit": "20",
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset": String(WALL_MS + 40_000),
  };
  expect(read(headers, "openrouter")).toEqual([
    { dimension: "requests", limit: 20, remaining: 0, resetMs: 40_000, windowMs: MINUTE_MS },
  ]);
});

test("Fireworks tells prompt and generated tokens apart", () => {
  const headers = {
    "x-ratelimit-limit-tokens-prompt": "900000",
    "x-ratelimit-limit-tokens-generated": "36000",
  };
  expect(read(headers)).toEqual([
    { dimension: "inputTokens", limit: 900_000, windowMs: MINUTE_MS },
    { dimension: "outputTokens", limit: 36_000, windowMs: MINUTE_MS },
  ]);
});

describe("IETF fields", () => {
  test.each<[Record<string, string>, object]>([
    [
      { ratelimit: '"default";r=50;t=30', "ratelimit-policy": '"default";q=100;w=60' },
      { limit: 100, remaining: 50, resetMs: 30_000, windowMs: MINUTE_MS },
    ],
    [
      { ratelimit: "limit=100, remaining=50, reset=30", "ratelimit-policy": "100;w=60" },
      { limit: 100, remaining: 50, resetMs: 30_000, windowMs: MINUTE_MS },
    ],
    [
      { "ratelimit-limit": "100, 100;w=60", "ratelimit-remaining": "50", "ratelimit-reset": "30" },
      { limit: 100, remaining: 50, resetMs: 30_000, windowMs: MINUTE_MS },
    ],
    [
      { "ratelimit-limit": "10, 10;w=1", "ratelimit-remaining": "9" },
      { limit: 600, windowMs: MINUTE_MS },
    ],
    [
      { "ratelimit-limit": "5000, 5000;w=86400", "ratelimit-remaining": "9" },
      { limit: 5_000, remaining: 9, windowMs: DAY_MS },
    ],
    [
      { "ratelimit-limit": "100", "ratelimit-remaining": "3", "ratelimit-reset": "7" },
      { remaining: 3, resetMs: 7_000, windowMs: MINUTE_MS },
    ],
  ])("%o", (headers, report) => {
    expect(read(headers)).toEqual([{ dimension: "requests", ...report }]);
  });
});

test("whatever is sent, every figure is a number that is not negative", () => {
  const value = fc.oneof(
    fc.string(),
    fc.stringMatching(/^-?\d{0,25}(ms|s|m)?$/),
    fc.constantFrom("NaN", "1e999", "-1", '"a";q=1;w=0', "10;w=0", "r=5;t=99999999999999999999"),
  );
  const names = [
    ...["limit", "remaining", "reset"].flatMap((what) => [
      `x-ratelimit-${what}-requests`,
      `x-ratelimit-${what}-tokens`,
      `anthropic-ratelimit-requests-${what}`,
      `ratelimit-${what}`,
      `x-ratelimit-${what}`,
    ]),
    "ratelimit",
    "ratelimit-policy",
  ];
  const anyHeaders = fc.dictionary(fc.constantFrom(...names), value);
  fc.assert(
    fc.property(anyHeaders, fc.constantFrom<Dialect>("generic", "groq", "openrouter"), (headers, dialect) => {
      for (const { dimension: _, ...figures } of read(headers, dialect)) {
        for (const figure of Object.values(figures)) {
          expect(Number.isFinite(figure) && figure >= 0).toBe(true);
        }
        expect([MINUTE_MS, DAY_MS]).toContain(figures.windowMs);
      }
    }),
    { numRuns: 700 },
  );
});
