import { describe, expect, test } from "vitest";
import {
  activityFrom,
  activityOf,
  budgetWait,
  type Hold,
  type Stand,
  stoppingWith,
} from "../../../../src/cli/progress/wait-text.ts";
import type { Closure } from "../../../../src/control/budget/account.ts";
import type { Outlook } from "../../../../src/observe/eta.ts";
import { statusOf } from "../../../helpers/run-status.ts";

const hold = (reason: string, leftMs: number | null, endpoint = "https://a.example/v1 m key:1"): Hold => ({
  endpoint,
  reason,
  leftMs,
});
const stand = (changes: Partial<Stand>): Stand => ({
  endpoints: 1,
  holds: [],
  inFlight: 4,
  silentMs: 0,
  retryMs: null,
  elsewhere: 0,
  ...changes,
});
const told = (changes: Partial<Stand>): string => activityOf(stand(changes)).text;

describe("what a run does now", () => {
  test.each([
    [hold("tokens", 11_400), "waiting 12s: token quota"],
    [hold("requestsPerDay", 7_500_000), "waiting 2h 5m: daily request quota"],
    [hold("throttled", 3_000), "waiting 3s: refused by a rate limit"],
    [hold("share", null), "waiting: the rest of the quota is held by other processes"],
    [hold("breaker open", 3_200), "breaker open, next probe in 4s"],
    [hold("breaker half-open", null), "breaker half-open, probing"],
    [hold("breaker ramping", null), "breaker ramping up"],
    [hold("invalid api key", null), "blocked: invalid api key"],
  ])("is told by what holds it back", (held, text) => {
    expect(activityOf(stand({ holds: [held] }))).toEqual({ text, isHeld: true });
  });

  test("is to send, as fast as the quota paces it", () => {
    expect(told({})).toBe("4 calls in flight");
    expect(told({ inFlight: 1, holds: [hold("requests", 400)] })).toBe(
      "1 call in flight, paced by the request quota",
    );
    expect(told({ holds: [hold("throttled", 400)] })).toBe("4 calls in flight, paced by refusals");
    expect(told({ holds: [hold("concurrency", null)] })).toBe("4 calls in flight");
  });

  test("is to wait for calls of which none has come back for a minute or more", () => {
    expect(told({ silentMs: 59_999 })).toBe("4 calls in flight");
    expect(told({ silentMs: 185_700 })).toBe("4 calls in flight, no answer for 3m 5s");
    expect(told({ silentMs: 185_700, inFlight: 0 })).toBe("0 calls in flight");
  });

  test("is to let the calls in flight finish when it is told to stop", () => {
    const text = "stopping: 1 call in flight may finish; Ctrl-C again ends at once";
    expect(stoppingWith(1)).toEqual({ text, isHeld: true });
  });

  test("is to wait for the first retry when nothing else is left", () => {
    expect(told({ inFlight: 0, retryMs: 7_200 })).toBe("waiting 8s: backoff before the next try");
    expect(told({ inFlight: 0, retryMs: -1 })).toBe("0 calls in flight");
  });

  test("is to wait for the first budget that is whole again, when rows wait for nothing else", () => {
    const closure = (until: number): Closure => ({
      limit: "costPerHour",
      used: 2,
      most: 1,
      until,
      isPassing: false,
      callsInFlight: 0,
    });
    const wait = (...closures: [string | null, Closure][]) => budgetWait(new Map(closures), 1_000).text;
    expect(wait([null, closure(8_200)])).toBe("waiting 8s: cost-per-hour is used up");
    expect(wait(["a", closure(8_200)])).toBe('waiting 8s: cost-per-hour of group "a" is used up');
    expect(wait(["a", closure(8_200)], ["b", closure(4_200)])).toBe(
      "waiting 4s: the budgets of 2 groups are used up",
    );
  });

  test("is told by what is on record where another process works on it", () => {
    const jobs = { total: 9, pending: 5, running: 0, succeeded: 4, failed: 0, cancelled: 0 };
    const seen = (changes: Partial<Outlook>, running = 0): string => {
      const status = statusOf({ state: "running", jobs: { ...jobs, running } });
      const flowing = { left: 5, rowsPerMinute: 60, mostPerMinute: null, holdMs: 0, rations: [] };
      return activityFrom({ status, outlook: { ...flowing, ...changes }, stops: [], endpoints: [] }, 1_000)
        .text;
    };
    const ration = { left: -3, perSpan: 9, spanMs: 3_600_000, resetMs: 720_000 };
    expect(seen({}, 2)).toBe("2 rows in hand");
    expect(seen({ rations: [ration] })).toBe("waiting 12m: a budget is used up");
    expect(seen({ holdMs: 8_000 })).toBe("waiting 8s: backoff before the next try");
    expect(seen({ rowsPerMinute: 0 })).toBe(
      "waiting: for the budgets of their groups, or for their next try",
    );
  });

  test("is to wait for another process that has the last rows in hand", () => {
    const activity = activityOf(stand({ inFlight: 0, elsewhere: 3 }));
    expect(activity).toEqual({ text: "waiting: another process has 3 rows in hand", isHeld: true });
  });

  test("is to send while one of several endpoints can, and names those that can't", () => {
    const holds = [hold("breaker open", 4_000, "https://b.example/v1 m key:2")];
    expect(activityOf(stand({ endpoints: 2, holds }))).toEqual({
      text: "4 calls in flight; b.example/v1 m: breaker open, next probe in 4s",
      isHeld: false,
    });
  });

  test("is to wait for the first of them when none can", () => {
    const holds = [hold("breaker open", 9_000), hold("tokens", 5_000, "https://b.example/v1 m key:2")];
    expect(told({ endpoints: 2, holds })).toBe("waiting 5s: token quota");
  });
});
