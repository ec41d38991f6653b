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
  const history = historyColumns(spans, { createdAt: 1_600, finishedAt: 90_600 })!;
  expect(history.workedMs).toEqual([400, 3_000, 1_000, 600]);
  const use = quotaUse(history, history.calls, history.requestLimit)!;
  expect(use).toEqual({ perMinute: 18_000, peakPerMinute: 60_000, share: 0.3 });
});

test("a run that goes on is worked on to the end of its last span", () => {
  const history = historyColumns([second(1_000, 1)], { createdAt: 1_250, finishedAt: null })!;
  expect(history.workedMs).toEqual([750]);
});
