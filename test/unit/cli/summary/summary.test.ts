import { describe, expect, test } from "vitest";
import { type Summary, summaryLines } from "../../../../src/cli/summary/summary.ts";
import { workOf } from "../../../../src/cli/summary/work.ts";
import { textOf } from "../../../../src/cli/text/line.ts";
import { columnsOf } from "../../../../src/cli/text/width.ts";
import { ExitCode } from "../../../../src/domain/errors.ts";
import { stopReason } from "../../../../src/domain/stop-reason.ts";
import { statusOf } from "../../../helpers/run-status.ts";

const FAILED = statusOf({
  jobs: { total: 400, pending: 0, running: 0, succeeded: 396, failed: 4, cancelled: 0 },
  failures: [
    { code: "content_filter", count: 3, example: { id: "q-17", message: "The answer was filtered." } },
    { code: "http_500", count: 1, example: { id: "my row", message: "The server had an error." } },
  ],
});
const summary = (changes: Partial<Summary> = {}): Summary => ({
  status: FAILED,
  work: {
    ms: 204_000,
    rows: 400,
    calls: 452,
    tokens: 16_000,
    limits: { calls: 135, tokens: null },
  },
  end: null,
  output: "out.jsonl",
  wanted: "out.jsonl",
  flags: "",
  ...changes,
});
const printed = (columns: number | null, changes: Partial<Summary> = {}): string[] =>
  summaryLines(summary(changes), columns).map(textOf);

describe("the summary", () => {
  test("of a finished run has counts, speed, calls, tokens, cost, percentiles, failures and the next commands", () => {
    expect(printed(null)).toEqual([
      "r_12345678 finished in 3m 24s",
      "  rows       396 of 400 succeeded, 4 failed",
      "  speed      118 rows/min   133 calls/min (98% of 135)   4,706 tokens/min",
      "  calls      452   52 failed and tried again   1.3% refused by limits",
      "  tokens     12k in (2k cached)   4k out",
      "  cost       $1.24",
      "  time        p50     p95     p99",
      "  call       1.0s    1.2s    1.9s",
      "  wait      600ms    7.2s     19s",
      "  total      1.6s    8.4s     20s",
      "  failed",
      "    3  content_filter",
      "      q-17: The answer was filtered.",
      "      llm-batch show r_12345678 q-17",
      "    1  http_500",
      "      my row: The server had an error.",
      "      llm-batch show r_12345678 'my row'",
      "  results in out.jsonl",
      "  send the 4 failed rows again:",
      "    llm-batch retry r_12345678",
      "  or mend the rows or a setting first: `llm-batch run … --reuse` sends what has no answer yet",
    ]);
  });

  test("offers to send again what can be sent, and has bad rows mended", () => {
    const bad = { code: "BAD_JSON", count: 1, example: null };
    const jobs = { ...FAILED.jobs, succeeded: 395, failed: 5 };
    const both = { ...FAILED, jobs, failures: [...FAILED.failures, bad] };
    const mend = "  mend the 1 bad row in the input, then send what is new of it: `llm-batch run … --reuse`";
    expect(printed(null, { status: both }).slice(-3)).toEqual([
      "  send the 4 failed rows again:",
      "    llm-batch retry r_12345678",
      mend,
    ]);
    const only = { ...FAILED, jobs: { ...jobs, succeeded: 399, failed: 1 }, failures: [bad] };
    expect(printed(null, { status: only }).slice(-2)).toEqual(["  results in out.jsonl", mend]);
  });

  test("names the database also in commands that leave something out", () => {
    const bad = { code: "BAD_JSON", count: 1, example: null };
    const refused = { ...stopReason.signal("SIGINT"), exitCode: ExitCode.providerUnusable };
    const flags = " --db 'my jobs.db'";
    const lines = [
      ...printed(null, { flags, status: { ...FAILED, failures: [bad] } }),
      ...printed(null, { flags, end: refused, output: null }),
    ];
    expect(lines.filter((line) => line.includes("llm-batch run"))).toEqual([
      expect.stringContaining("`llm-batch run … --reuse --db 'my jobs.db'`"),
      expect.stringContaining("`llm-batch run … --db 'my jobs.db'`"),
    ]);
  });

  test.each([40, 80, 200])("fits into a window of %i columns", (columns) => {
    const long = { id: "q-1", message: `a very long message ${"of many words ".repeat(40)}` };
    const status = { ...FAILED, failures: [{ code: "invalid_request_error", count: 12_345, example: long }] };
    const end = stopReason.budget({
      limit: "maxTotalTokens",
      used: 1_000_000,
      most: 900_000,
    });
    for (const changes of [{}, { status }, { status, end }])
      for (const line of printed(columns, changes)) expect(columnsOf(line)).toBeLessThan(columns);
  });

  test("of less than a minute says nothing of the share of a minute's quota", () => {
    const limits = { calls: 120, tokens: 10_000 };
    const work = { ms: 7_000, rows: 21, calls: 21, tokens: 560, limits };
    expect(printed(null, { work })[2]).toBe("  speed      180 rows/min   180 calls/min   4,800 tokens/min");
  });

  test("of a narrow window is still aligned", () => {
    expect(printed(40).slice(0, 6)).toEqual([
      "r_12345678 finished in 3m 24s",
      "  rows       396 of 400 succeeded,",
      "             4 failed",
      "  speed      118 rows/min",
      "             133 calls/min (98% of 135)",
      "             4,706 tokens/min",
    ]);
  });

  test("of a run that stopped says why, and what goes on", () => {
    const end = stopReason.budget({
      limit: "maxTotalTokens",
      used: 1_000,
      most: 900,
    });
    const lines = printed(null, { end, output: null });
    expect(lines[0]).toBe(
      "r_12345678 stopped: the token budget is used up: 1000 of --max-total-tokens 900, after 3m 24s",
    );
    expect(lines.slice(-4)).toEqual([
      "  out.jsonl was not written; what there is:",
      "    llm-batch export r_12345678 --partial -o partial-out.jsonl",
      "  go on:",
      "    llm-batch resume r_12345678 --max-total-tokens MORE",
    ]);
  });

  test("tells rows over a budget from others that failed: they are sent again by their code, once it is raised", () => {
    const over = { code: "OVER_BUDGET", count: 3, example: null };
    const other = { code: "http_500", count: 1, example: null };
    const commandsOf = (...failures: (typeof over)[]): string[] => {
      const failed = failures.reduce((sum, { count }) => sum + count, 0);
      const status = statusOf({ jobs: { ...FAILED.jobs, failed }, failures });
      return printed(null, { status }).filter((line) => line.startsWith("    llm-batch"));
    };
    const [all, byCode] = [
      "    llm-batch retry r_12345678",
      "    llm-batch retry r_12345678 --code OVER_BUDGET",
    ];
    expect(commandsOf(over, other)).toEqual([all, byCode]);
    expect(commandsOf(over)).toEqual([byCode]);
    expect(commandsOf(other)).toEqual([all]);
  });

  test("says what calls in doubt may have used, and where a price is unknown", () => {
    const status = statusOf({
      cost_usd: null,
      unpriced: 3,
      attempts: { total: 9, succeeded: 3, throttled: 6, retried: 0, in_doubt: 2 },
      in_doubt: [{ model: null, calls: 2, input_tokens: 500, output_tokens: 1_500 }],
    });
    const lines = printed(null, { status });
    expect(lines).toContain(
      "  calls      9   0 failed and tried again   1.3% refused by limits   2 in doubt at most",
    );
    expect(lines).toContain(
      "  cost       unknown: no price is known for the model   and what 2 calls in doubt cost: no more than 500 tokens in, 1.5k out",
    );
    const mixed = printed(null, { status: { ...status, unpriced: 2 } });
    expect(mixed.join("\n")).toContain("unknown: no price is known for 2 of 3 answers  ");
    const unbounded = { ...status, in_doubt: [{ ...status.in_doubt[0]!, output_tokens: 0 }] };
    expect(printed(null, { status: unbounded })).toContain(
      "  cost       unknown: no price is known for the model   and what 2 calls in doubt cost: no more than 500 tokens in, answers of any length",
    );
  });

  test("of a run with nothing to do is short", () => {
    const status = statusOf({ attempts: { total: 0, succeeded: 0, throttled: 0, retried: 0, in_doubt: 0 } });
    const work = { ms: 12, rows: 0, calls: 0, tokens: 0, limits: { calls: null, tokens: null } };
    expect(printed(80, { status, work, output: null, wanted: null })).toEqual([
      "r_12345678 finished in 12ms",
      "  rows       400 of 400 succeeded",
      "  get the results:",
      "    llm-batch export r_12345678 -o results.jsonl",
    ]);
  });

  test("names eight codes of failures, and how many more there are", () => {
    const failures = Array.from({ length: 11 }, (_, at) => ({ code: `code_${at}`, count: 1, example: null }));
    const lines = printed(null, { status: { ...FAILED, failures } });
    expect(lines.filter((line) => /code_\d/.test(line))).toHaveLength(8);
    expect(lines).toContain("    and 3 more codes: llm-batch status r_12345678 --json");
  });
});

test("rows that were cancelled are no work that was done", () => {
  const jobs = { total: 400, pending: 368, running: 0, succeeded: 30, failed: 2, cancelled: 0 };
  const before = statusOf({ jobs });
  const after = statusOf({ jobs: { ...jobs, pending: 0, succeeded: 40, cancelled: 358 } });
  const outlook = { left: 0, rowsPerMinute: 0, mostPerMinute: null, holdMs: 0, rations: [] };
  expect(workOf(before, { status: after, outlook, stops: [], endpoints: [] }, 5_000).rows).toBe(10);
});
