import { expect, test } from "vitest";
import { emptySpan, type HistorySpan } from "../../../src/domain/history.ts";
import { historyColumns } from "../../../src/report/columns.ts";
import { quotaUse } from "../../../src/report/page/quota-use.ts";

const LIMIT_A_MINUTE = 60_000;

function second(at: number, sent: number): HistorySpan {
  return { ...emptySpan(at, 1_000), sent, limits: { "requests/minute": LIMIT_A_MINUTE } };
}

test("the mean rate goes by the time a run was worked on, seconds without a call among it", () => {
  const spans = [second(1_000, 400), second(2_000, 1_000), second(5_000, 0), second(90_000, 100)];
  const history = historyColumns(spans, { createdAt: 1_400, finishedAt: 90_600 })!;
  expect(history.at).toEqual([1_400, 2_000, 3_000, 4_000, 5_000, 90_000]);
  expect(history.spanMs).toEqual([600, 1_000, 1_000, 1_000, 1_000, 600]);
  const use = quotaUse(history, history.calls, history.requestLimit)!;
  expect(use.perMinute).toBeCloseTo((1_500 * 60_000) / 5_200);
  expect(use.peak).toEqual({ perMinute: 60_000, ms: 1_000 });
  expect(use.share).toBeCloseTo(1_500 / 5_200);
});

test("a run that goes on is worked on to the end of its last span", () => {
  const history = historyColumns([second(1_000, 1)], { createdAt: 1_250, finishedAt: null })!;
  expect(history.spanMs).toEqual([750]);
});

test("no rate is that of a small part of a second: it is joined to the one beside it", () => {
  const spans = [second(1_000, 40), second(2_000, 10), second(3_000, 10), second(4_000, 1), second(5_000, 0)];
  const history = historyColumns(spans, { createdAt: 1_990, finishedAt: 4_010 })!;
  expect(history.at).toEqual([1_990, 3_000]);
  expect(history.spanMs).toEqual([1_010, 1_010]);
  expect(history.calls).toEqual([50, 11]);
});

test("no mean is above the highest rate, however short the run", () => {
  const history = historyColumns([second(1_000, 5)], { createdAt: 1_400, finishedAt: 1_999 })!;
  const { perMinute, peak } = quotaUse(history, history.calls, history.requestLimit)!;
  expect(peak.perMinute).toBe(perMinute);
});
