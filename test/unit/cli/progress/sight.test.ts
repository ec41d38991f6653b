import { describe, expect, test } from "vitest";
import { sightOf } from "../../../../src/cli/progress/sight.ts";
import type { RunStatus } from "../../../../src/observe/status.ts";
import { statusOf } from "../../../helpers/run-status.ts";

const ACTIVITY = { text: "", isHeld: false };

/** What is told of the cost of a run with so many rows still to be sent. */
function costOf(changes: Partial<RunStatus>, left: number) {
  const outlook = { left, rowsPerMinute: 60, mostPerMinute: null, holdMs: 0, rations: [] };
  return sightOf({ status: statusOf(changes), outlook, stops: [], endpoints: [] }, ACTIVITY).cost;
}

const jobs = { total: 400, pending: 200, running: 0, succeeded: 200, failed: 0, cancelled: 0 };
const attempts = { total: 100, succeeded: 100, throttled: 0, retried: 0, in_doubt: 0 };

describe("the cost of a run in motion", () => {
  test("is forecast by the rows that were sent, and not by those that took over an answer", () => {
    const halfReused = { jobs, attempts, shared: { dedupe: 0, reuse: 100 }, cost_usd: 10 };
    expect(costOf(halfReused, 200)).toEqual({ usd: 10, forecastUsd: 30 });
  });

  test("is forecast without the rows that are bad, and never sent", () => {
    const bad = {
      jobs: { ...jobs, succeeded: 100, failed: 100 },
      failures: [{ code: "BAD_JSON", count: 100, example: null }],
    };
    expect(costOf({ ...bad, attempts, cost_usd: 10 }, 200)).toEqual({ usd: 10, forecastUsd: 30 });
  });

  test("is told of answers that were refused, and of nothing before the first answer", () => {
    const none = { ...attempts, succeeded: 0 };
    expect(costOf({ jobs, attempts: none, cost_usd: 3 }, 200)).toMatchObject({ usd: 3 });
    expect(costOf({ jobs, attempts: none, cost_usd: 0 }, 200)).toBeNull();
  });
});
