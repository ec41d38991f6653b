import { describe, expect, test } from "vitest";
import { etaMs, type Outlook } from "../../../src/observe/eta.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const dayOf = (left: number, perSpan: number, resetMs: number | null) => ({
  left,
  perSpan,
  spanMs: DAY_MS,
  resetMs,
});
const outlook = (changes: Partial<Outlook> = {}): Outlook => ({
  left: 600,
  rowsPerMinute: 60,
  mostPerMinute: null,
  holdMs: 0,
  rations: [],
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
    const day = dayOf(100, 400, 2 * HOUR_MS);
    expect(etaMs(outlook({ rations: [day] }))).toBe(2 * HOUR_MS + DAY_MS + 100 * 1_000);
  });

  test("doesn't wait for a day that has room enough", () => {
    expect(etaMs(outlook({ rations: [dayOf(600, 600, HOUR_MS)] }))).toBe(600_000);
    expect(etaMs(outlook({ rations: [dayOf(700, 700, null)] }))).toBe(600_000);
  });

  test("begins with the reset when today's quota is used up", () => {
    expect(etaMs(outlook({ rations: [dayOf(-5, 1_000, HOUR_MS)] }))).toBe(HOUR_MS + 600_000);
  });

  test("goes over the hours that a budget of an hour makes of it", () => {
    const hour = { left: 100, perSpan: 200, spanMs: HOUR_MS, resetMs: HOUR_MS / 2 };
    expect(etaMs(outlook({ rations: [hour] }))).toBe(HOUR_MS / 2 + 2 * HOUR_MS + 100 * 1_000);
  });

  test("is what the slowest of several daily quotas makes of it", () => {
    const rations = [dayOf(100, 1_000, HOUR_MS), dayOf(100, 1_000, 3 * HOUR_MS)];
    expect(etaMs(outlook({ rations }))).toBe(3 * HOUR_MS + 500 * 1_000);
  });

  test("is not told where it would be years", () => {
    expect(etaMs(outlook({ rations: [dayOf(0, 1, HOUR_MS)] }))).toBeNull();
  });
});
