import { expect, test } from "vitest";
import { type Verdict, verdictOf, withoutFailures } from "../../../../src/report/page/verdict.ts";
import type { ReportedFigures } from "../../../../src/report/report-data.ts";

type Jobs = ReportedFigures["jobs"];

function verdict({
  jobs,
  calls = [10, 10],
  ...others
}: Partial<Omit<ReportedFigures, "jobs">> & {
  jobs: Partial<Jobs>;
  /** All of them, and those that succeeded. */
  calls?: readonly [number, number];
}): Verdict {
  const none: Jobs = { total: 10, pending: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0 };
  const attempts = { total: calls[0], succeeded: calls[1] };
  return verdictOf({
    state: "finished",
    failures: [],
    breaker: [],
    eta_seconds: null,
    attempts,
    ...others,
    jobs: { ...none, ...jobs },
  } as unknown as ReportedFigures);
}

const failure = (code: string, count: number) => ({ code, count, example: null });

test("a run is well only if every row succeeded", () => {
  expect(verdict({ jobs: { succeeded: 10 } })).toEqual({ tone: "good", text: "All 10 rows succeeded." });
  expect(verdict({ jobs: { succeeded: 1, total: 1 } }).text).toBe("The only row succeeded.");
  expect(verdict({ jobs: { total: 0 } }).tone).toBe("plain");
  expect(verdict({ jobs: { succeeded: 9, cancelled: 1 } }).text).toBe("1 of 10 rows cancelled.");
});

test("failures are told with what they most often were", () => {
  const failures = [failure("timeout", 2), failure("http_500", 1)];
  expect(verdict({ jobs: { succeeded: 7, failed: 3 }, failures })).toEqual({
    tone: "bad",
    text: "3 of 10 rows failed, most often with timeout.",
  });
  const [text] = [verdict({ jobs: { failed: 10 }, failures: [failure("timeout", 10)] }).text];
  expect(text).toBe("All 10 rows failed, with timeout.");
});

test("a run that stopped says how much is left, and whether anything was answered", () => {
  const state = "stopped";
  expect(verdict({ state, jobs: { pending: 10 }, calls: [0, 0] }).text).toBe(
    "Nothing was sent: all 10 rows are left.",
  );
  expect(verdict({ state, jobs: { pending: 10 }, calls: [5, 0] })).toMatchObject({
    tone: "bad",
    text: "Stopped: all 5 calls failed. All 10 rows are left.",
  });
  expect(verdict({ state, jobs: { pending: 1, succeeded: 9 } }).text).toBe("Stopped: 1 of 10 rows is left.");
});

test("a breaker is told only where none lets calls through", () => {
  const breaker = (endpoint: string, state: "closed" | "open" | "blocked") => ({
    endpoint,
    state,
    retry_at: null,
    reason: state === "closed" ? null : "no money",
  });
  const jobs = { pending: 5, succeeded: 5 };
  const breakers = [breaker("a", "blocked"), breaker("b", "open")];
  expect(verdict({ state: "running", jobs, breaker: breakers }).why).toBe(
    "The breaker is blocked for a and 1 other · no money",
  );
  expect(verdict({ state: "running", jobs, breaker: [...breakers, breaker("c", "closed")] })).toEqual({
    tone: "plain",
    text: "In progress.",
  });
});

test("that no row has failed is good news only where something was done at the first try", () => {
  const told = (total: number, retried: number, succeeded: number) =>
    withoutFailures({ attempts: { total, retried }, jobs: { succeeded } } as ReportedFigures);
  expect(told(10, 0, 10)).toEqual({ tone: "good", text: "No row has failed." });
  expect(told(0, 0, 0)).toEqual({ tone: "plain", text: "Nothing was sent." });
  expect(told(5, 5, 0)).toEqual({
    tone: "plain",
    text: "No row has failed for good; 5 calls failed, and their rows were put back.",
  });
});
