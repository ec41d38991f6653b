import { describe, expect, test } from "vitest";
import type { QuotaView } from "../../../src/control/limiter/view.ts";
import { holdOf, lately, type SeenEndpoint } from "../../../src/observe/endpoints.ts";
import { limitOf, REQUEST_DIMENSIONS, TOKEN_DIMENSIONS } from "../../../src/observe/limit.ts";

const NOW = 1_700_000_000_000;
const HOUR_MS = 3_600_000;

const quota = (
  dimension: QuotaView["dimension"],
  limit: number,
  per: QuotaView["per"] = "minute",
): QuotaView => ({
  dimension,
  per,
  limit,
  source: "told",
  level: 1,
  used: 0,
  resetAt: null,
});

const endpoint = (changes: Partial<SeenEndpoint> = {}): SeenEndpoint => ({
  endpoint: "https://a.example/v1 m key:1",
  breaker: { state: "closed", retryAt: null, reason: null },
  quotas: [],
  blockedUntil: null,
  at: NOW,
  ...changes,
});

describe("until calls flow again", () => {
  test("it takes nothing while one endpoint lets them through", () => {
    const open = endpoint({ breaker: { state: "open", retryAt: NOW + 9_000, reason: null } });
    expect(holdOf([])).toBe(0);
    expect(holdOf([open, endpoint()])).toBe(0);
  });

  test("it takes until the next probe, or the end of a refusal, of the first endpoint", () => {
    const open = endpoint({ breaker: { state: "open", retryAt: NOW + 9_000, reason: null } });
    expect(holdOf([open, endpoint({ blockedUntil: NOW + 4_000 })])).toBe(4_000);
    expect(holdOf([open])).toBe(9_000);
  });

  test("nobody knows how long it takes while all are blocked", () => {
    expect(holdOf([endpoint({ breaker: { state: "blocked", retryAt: null, reason: "key" } })])).toBeNull();
  });

  test("nobody knows where a quota of unknown size is used up for long", () => {
    const exhausted = endpoint({ blockedUntil: NOW + HOUR_MS });
    expect(holdOf([exhausted])).toBeNull();
    expect(holdOf([{ ...exhausted, quotas: [quota("requests", 1_000, "day")] }])).toBe(HOUR_MS);
  });
});

test("endpoints that nobody has worked on lately are another run's", () => {
  const old = endpoint({ at: NOW - 60_000 });
  expect(lately([old, endpoint()])).toEqual([endpoint()]);
  expect(lately([])).toEqual([]);
});

describe("the quota in force", () => {
  test("is that of all endpoints together", () => {
    const both = [
      endpoint({ quotas: [quota("requests", 60)] }),
      endpoint({ quotas: [quota("requests", 40)] }),
    ];
    expect(limitOf(both, REQUEST_DIMENSIONS)).toBe(100);
  });

  test("is unknown where one of them has none", () => {
    expect(
      limitOf([endpoint({ quotas: [quota("requests", 60)] }), endpoint()], REQUEST_DIMENSIONS),
    ).toBeNull();
    expect(limitOf([], REQUEST_DIMENSIONS)).toBeNull();
  });

  test("of tokens is the sum of its parts where only they are limited", () => {
    const parts = endpoint({ quotas: [quota("inputTokens", 500), quota("outputTokens", 200)] });
    expect(limitOf([parts], TOKEN_DIMENSIONS)).toBe(700);
    expect(limitOf([{ ...parts, quotas: [...parts.quotas, quota("tokens", 600)] }], TOKEN_DIMENSIONS)).toBe(
      600,
    );
    expect(limitOf([endpoint({ quotas: [quota("inputTokens", 500)] })], TOKEN_DIMENSIONS)).toBeNull();
  });
});
