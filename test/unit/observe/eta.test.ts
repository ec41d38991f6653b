import { describe, expect, test } from "vitest";
import { etaMs, type Outlook } from "../../../src/observe/eta.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const outlook = (changes: Partial<Outlook> = {}): Outlook => ({
  left: 600,
  rowsPerMinute: 60,
  mostPerMinute: null,
  holdMs: 0,
  days: [],
  ...changes,
});

describe("the time that a run still takes", () => {
  test("goes by the rows that are left and how fast they flow", () => {
    expect(etaMs(outlook())).toBe(600_000);
    expect(etaMs(outlook({ left: 0, rowsPerMinute: 0 }))).toBe(0);
  });

  test("is no shorter than the quotas per minute allow", () => {
    expect(etaMs(outlook({ mostPerMinute: 30 }))).toBe(1_200_000);
    expect(etaMs(outlook({ mostPerMinute: 90 }))).toBe(600_000);
  });

  test("is unknown before the first row, and while nobody knows when calls go on", () => {
    expect(etaMs(outlook({ rowsPerMinute: 0 }))).toBeNull();
    expect(etaMs(outlook({ holdMs: null }))).toBeNull();
  });

  test("has the wait for the breaker or a refusal in it", () => {
    expect(etaMs(outlook({ holdMs: 30_000 }))).toBe(630_000);
  });

  test("goes over the days that a daily quota makes of it", () => {
    const day = { left: 100, perDay: 400, resetMs: 2 * HOUR_MS };
    expect(etaMs(outlook({ days: [day] }))).toBe(2 * HOUR_MS + DAY_MS + 100 * 1_000);
  });

  test("doesn't wait for a day that has room enough", () => {
    expect(etaMs(outlook({ days: [{ left: 600, perDay: 600, resetMs: HOUR_MS }] }))).toBe(600_000);
    expect(etaMs(outlook({ days: [{ left: 700, perDay: 700, resetMs: null }] }))).toBe(600_000);
  });

  test("begins with the reset when today's quota is used up", () => {
    expect(etaMs(outlook({ days: [{ left: -5, perDay: 1_000, resetMs: HOUR_MS }] }))).toBe(HOUR_MS + 600_000);
  });

  test("is what the slowest of several daily quotas makes of it", () => {
    const days = [
      { left: 100, perDay: 1_000, resetMs: HOUR_MS },
      { left: 100, perDay: 1_000, resetMs: 3 * HOUR_MS },
    ];
    expect(etaMs(outlook({ days }))).toBe(3 * HOUR_MS + 500 * 1_000);
  });

  test("is not told where it would be years", () => {
    expect(etaMs(outlook({ days: [{ left: 0, perDay: 1, resetMs: HOUR_MS }] }))).toBeNull();
  });
});
