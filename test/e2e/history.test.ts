import { expect, test } from "vitest";
import type { HistorySpan } from "../../src/domain/history.ts";
import { runCli, tempFolder } from "../helpers/cli.ts";
import { writePrompts } from "../helpers/rows.ts";
import { at, simulate } from "../helpers/simulate.ts";
import { openDatabase } from "../helpers/test-database.ts";

const ROWS = 40;

async function historyOf(cwd: string): Promise<readonly HistorySpan[]> {
  const store = await openDatabase(cwd);
  const run = await store.findRun("latest");
  const history = await store.history(run!.id);
  await store.close();
  return history;
}

test("the history that is kept holds every call and every token that the provider counted", async () => {
  const cwd = tempFolder();
  const simulator = await simulate(
    ["latency", "20ms"],
    ["cached", "50%"],
    ["fault", "context-length:match=is 7 plus"],
    ["fault", "429:rate=30%:times=1:hint=retry-after-ms:after=30ms"],
    ["fault", "500:rate=30%:times=1"],
  );
  writePrompts(cwd, ROWS);
  const pace = ["-c", "8", "--rpm", "60000", "--backoff-base", "10ms", "--breaker-failures", "99"];
  const { code } = await runCli(["run", "prompts.jsonl", ...at(simulator), ...pace], { cwd });
  expect(code).toBe(3);

  const { calls, by_status: byStatus, tokens } = simulator.stats();
  expect(Object.keys(byStatus)).toEqual(["200", "400", "429", "500"]);
  expect(tokens.cached_input).toBeGreaterThan(0);
  const spans = await historyOf(cwd);
  const total = (of: (span: HistorySpan) => number | undefined): number =>
    spans.reduce((sum, span) => sum + (of(span) ?? 0), 0);
  expect(total(({ sent }) => sent)).toBe(calls);
  expect(total(({ ended }) => ended.succeeded)).toBe(byStatus["200"]);
  expect(total(({ ended }) => ended.rejected)).toBe(byStatus["400"]);
  expect(total(({ ended }) => ended.throttled)).toBe(byStatus["429"]);
  expect(total(({ ended }) => ended.transient)).toBe(byStatus["500"]);
  expect(total(({ inputTokens }) => inputTokens)).toBe(tokens.input);
  expect(total(({ cachedInputTokens }) => cachedInputTokens)).toBe(tokens.cached_input);
  expect(total(({ outputTokens }) => outputTokens)).toBe(tokens.output);
  expect(spans[0]!.limits).toEqual({ "requests/minute": 60_000 });
  expect(spans.at(-1)!.jobs).toMatchObject({ pending: 0, running: 0, succeeded: ROWS - 1, failed: 1 });
}, 30_000);
