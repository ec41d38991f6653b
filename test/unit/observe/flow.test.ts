import { expect, test } from "vitest";
import { Flow, type Stand } from "../../../src/observe/flow.ts";

const ROWS = 10_000;

/** After so many rows, each with a call of 100 tokens. */
const after = (done: number, changes: Partial<Stand> = {}): Stand => ({
  left: ROWS - done,
  calls: done,
  tokens: done * 100,
  ...changes,
});
const paceOf = (rowsPerMinute: number) => ({ rowsPerMinute, callsPerRow: 1, tokensPerRow: 100 });

test("is unknown until rows came to be done for a while", () => {
  const flow = new Flow();
  flow.see(0, after(0), false);
  expect(flow.pace(null)).toBeNull();
  flow.see(1_000, after(10), false);
  expect(flow.pace(null)).toBeNull();
  flow.see(2_000, after(20), false);
  expect(flow.pace(null)).toEqual(paceOf(600));
});

test("is unknown while there are too few rows to go by, however long they take", () => {
  const flow = new Flow();
  for (let row = 0; row < 5; row++) flow.see(row * 10_000, after(row), false);
  expect(flow.pace(null)).toBeNull();
  flow.see(50_000, after(5), false);
  expect(flow.pace(null)).toEqual(paceOf(6));
});

test("leaves out the time in which calls were held back", () => {
  const flow = new Flow();
  flow.see(0, after(0), false);
  flow.see(10_000, after(100), true);
  for (let at = 20_000; at <= 7_200_000; at += 10_000) flow.see(at, after(100, { calls: at }), true);
  flow.see(7_210_000, after(100), false);
  expect(flow.pace(null)).toEqual(paceOf(300));
});

test("leaves out what nobody saw: the machine slept, or the database was away", () => {
  const flow = new Flow();
  flow.see(0, after(0), false);
  flow.see(3_000, after(30), false);
  flow.see(3_603_000, after(35), false);
  flow.see(3_606_000, after(65), false);
  expect(flow.pace(null)).toEqual(paceOf(600));
});

test("follows the last minute", () => {
  const flow = new Flow();
  for (let second = 0; second <= 60; second++) flow.see(second * 1_000, after(second * 10), false);
  for (let second = 61; second <= 125; second++) flow.see(second * 1_000, after(600 + second - 60), false);
  expect(flow.pace(null)).toEqual(paceOf(60));
});

test("goes by more than a minute where that has few rows", () => {
  const flow = new Flow();
  for (let second = 0; second <= 3_600; second += 3)
    flow.see(second * 1_000, after(Math.floor(second / 120)), false);
  expect(flow.pace(null)!.rowsPerMinute).toBeCloseTo(0.5, 1);
});

test("is the one on record until it has a few seconds and rows of its own", () => {
  const flow = new Flow();
  const before = paceOf(1_200);
  flow.see(0, after(0), true);
  expect(flow.pace(before)).toBe(before);
  flow.see(3_000, after(9), false);
  expect(flow.pace(before)).toBe(before);
  flow.see(6_000, after(18), false);
  expect(flow.pace(before)).toEqual(paceOf(180));
});

test("knows what a row takes in calls and tokens, whatever was there before", () => {
  const flow = new Flow();
  flow.see(0, after(0, { calls: 50_000, tokens: 7 }), false);
  flow.see(3_000, after(20, { calls: 50_060, tokens: 4_007 }), false);
  expect(flow.pace(null)).toEqual({ rowsPerMinute: 400, callsPerRow: 3, tokensPerRow: 200 });
});

test("rows that are put back to be sent again take nothing from it", () => {
  const flow = new Flow();
  flow.see(0, after(0), false);
  flow.see(3_000, after(30), false);
  flow.see(6_000, after(10, { calls: 30, tokens: 3_000 }), false);
  flow.see(9_000, after(40, { calls: 60, tokens: 6_000 }), false);
  expect(flow.pace(null)).toEqual(paceOf(400));
});
