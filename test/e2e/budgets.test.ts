import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { type Ended, runCli, startCli, tempFolder } from "../helpers/cli.ts";
import { writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";
import { at, simulate } from "../helpers/simulate.ts";

/** Each answer has 100 tokens, and a token of output costs a thousandth of a dollar: a row is ten cents. */
const ROW_USD = 0.1;
const PRICES = "- {model: sim-1, input: 0, output: 1000}\n";
const IN_FLIGHT = 4;

async function bench(rows: number, ...settings: [string, string][]) {
  const cwd = tempFolder();
  writePrompts(cwd, rows);
  writeFileSync(join(cwd, "prices.yaml"), PRICES);
  const simulator = await simulate(["output-tokens", "100"], ...settings);
  const args = ["run", "prompts.jsonl", ...at(simulator), "-c", String(IN_FLIGHT)];
  const status = async () => JSON.parse((await runHere(["status", "--json"], { cwd })).stdout);
  return { cwd, simulator, args, status };
}

/** The commands that go on with a run. */
function commandsIn(text: string): string[] {
  return text.match(/^ +llm-batch resume .*/gm)!;
}

describe("--max-cost", () => {
  test("stops with 75 within what was in flight, names the way on, and a larger one goes on", async () => {
    const { cwd, args, status } = await bench(60);
    const { code, stderr } = await runCli([...args, "--price-file", "prices.yaml", "--max-cost", "2"], {
      cwd,
    });
    expect(code).toBe(75);
    expect(stderr).toContain("--max-cost $2.00");
    expect(stderr).toContain("--max-cost MORE");
    expect(commandsIn((await runHere(["status"], { cwd })).stdout)).toEqual(commandsIn(stderr));
    const stopped = await status();
    expect(stopped.cost_usd).toBeGreaterThanOrEqual(2);
    expect(stopped.cost_usd).toBeLessThan(2 + IN_FLIGHT * ROW_USD + 1e-9);
    const resumed = await runCli(["resume", "--price-file", "prices.yaml", "--max-cost", "50"], { cwd });
    expect(resumed.code).toBe(0);
    expect((await status()).cost_usd).toBeCloseTo(60 * ROW_USD, 9);
  });

  test("counts calls that timed out, and the summary and status tell how much", async () => {
    const { cwd, args, status } = await bench(60, ["fault", "hang:rate=30%"]);
    const paid = [
      "--price-file",
      "prices.yaml",
      "--max-cost",
      "1",
      "--max-tokens",
      "100",
      "--timeout",
      "500ms",
    ];
    const { code, stderr } = await runCli([...args, ...paid, "--breaker-failures", "100"], { cwd });
    expect(code).toBe(75);
    const told = / {3}and \$[\d.]+ counted for calls cut off$/m;
    expect(stderr).toMatch(told);
    expect((await runHere(["status"], { cwd })).stdout).toMatch(told);
    const { cost_usd, cut_off } = await status();
    expect(cost_usd).toBeLessThan(1);
    expect(cost_usd + cut_off.cost_usd).toBeGreaterThanOrEqual(1);
  });

  test("is one for all processes on the run", async () => {
    const { cwd, args, status, simulator } = await bench(500, ["latency", "100ms"]);
    const paid = ["--price-file", "prices.yaml", "--max-cost", "20", "--max-tokens", "100"];
    const first = startCli([...args, ...paid], { cwd });
    await vi.waitUntil(() => simulator.stats().calls > 0, { timeout: 20_000 });
    const second = startCli([...args, ...paid], { cwd });
    expect([(await first.ended).code, (await second.ended).code]).toEqual([75, 75]);
    expect((await status()).cost_usd).toBeLessThan(20 + 2 * IN_FLIGHT * ROW_USD + 1e-9);
  });

  test("needs a known price: exit 2, and nothing is sent", async () => {
    const { cwd, args, simulator } = await bench(3);
    const { code, stderr } = await runCli([...args, "--max-cost", "2"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain("UNKNOWN_PRICE: --max-cost");
    expect(stderr).toContain("--price-file");
    expect(simulator.stats().calls).toBe(0);
  });

  test("goes by the prices of a provider that is named, behind its gateway too, and not by an address alone", async () => {
    const { cwd, args, simulator, status } = await bench(60);
    const asked = [...args, "-m", "gpt-4.1", "--max-cost", "0.01"];
    expect((await runHere(asked, { cwd })).stderr).toContain("UNKNOWN_PRICE: --max-cost");
    const named = await runCli([...asked, "--provider", "openai"], { cwd, env: { OPENAI_API_KEY: "k" } });
    expect(named.code).toBe(75);
    const { cost_usd, jobs } = await status();
    expect(cost_usd).toBeGreaterThan(0);
    expect(simulator.stats().calls).toBeLessThan(60);
    expect(jobs.succeeded).toBe(simulator.stats().calls);
  });

  test("a price that isn't known is told by the first row that asks for the model, and nothing is imported", async () => {
    const { cwd, args } = await bench(1);
    const paid = [...args, "--price-file", "prices.yaml", "--max-cost", "2"];
    const rows = { unnamed: '{"prompt":"hi"}\n', named: '{"prompt":"hi","model":"other"}\n', bad: "{\n" };
    const told = async (lines: string, flags: readonly string[]): Promise<string> => {
      writeFileSync(join(cwd, "prompts.jsonl"), lines);
      const { code, stderr } = await runCli([...paid, ...flags], { cwd });
      expect(code).toBe(2);
      return stderr;
    };
    expect(await told(rows.unnamed + rows.bad, ["-m", "other"])).toMatch(/^UNKNOWN_PRICE: .* other at /);
    expect(await told(rows.unnamed + rows.named + rows.bad, [])).toMatch(/^UNKNOWN_PRICE: .* other at /);
    expect((await runHere(["runs", "--json"], { cwd })).stdout).toBe("[]\n");
  });

  test("the price of a model that no row asks for needn't be known", async () => {
    const { cwd, args } = await bench(1);
    writeFileSync(join(cwd, "prompts.jsonl"), '{"prompt":"hi","model":"sim-1"}\n');
    const paid = ["--price-file", "prices.yaml", "--max-cost", "2"];
    expect((await runCli([...args, "-m", "other", ...paid], { cwd })).code).toBe(0);
  });

  test("one that is given to a run on record needs a known price as well", async () => {
    const { cwd, args, simulator } = await bench(3);
    expect((await runHere([...args, "--detach"], { cwd })).code).toBe(0);
    const { code, stderr } = await runCli(["resume", "--max-cost", "2"], { cwd });
    expect([code, simulator.stats().calls]).toEqual([2, 0]);
    expect(stderr).toMatch(/^UNKNOWN_PRICE: .* sim-1 at /m);
  });
});

describe("budgets of groups", () => {
  const CONFIG = 'budget-by: team\nbudgets:\n  "*": {max-cost: 0.5}\n  red: {max-cost: 0.2}\n';

  async function grouped(...flags: string[]) {
    const { cwd, args, status } = await bench(1);
    const teams = ["red", "blue", "green"];
    const rows = Array.from({ length: 30 }, (_, at) => ({
      id: `q-${at}`,
      prompt: "hi",
      team: teams[at % 3],
    }));
    writeFileSync(join(cwd, "prompts.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    writeFileSync(join(cwd, "llm-batch.yaml"), CONFIG);
    const ended = await runCli(
      [...args, "-c", "1", "--max-tokens", "100", "--price-file", "prices.yaml", ...flags],
      {
        cwd,
      },
    );
    return { cwd, ended, status: await status() };
  }

  /** Raises every budget, and runs the first command of the summary that begins so. */
  async function raised(cwd: string, { stderr }: Ended, beginning: string): Promise<Ended> {
    const printed = stderr.split("\n").find((line) => line.startsWith(`    llm-batch ${beginning}`))!;
    writeFileSync(join(cwd, "llm-batch.yaml"), 'budget-by: team\nbudgets:\n  "*": {max-cost: 50}\n');
    return runCli(printed.trim().split(" ").slice(1), { cwd });
  }

  test("keep each group to its own, and stop when only those over theirs are left", async () => {
    const { cwd, ended, status } = await grouped();
    expect(ended.code).toBe(75);
    expect(ended.stderr).toContain("only rows of groups over their budgets are left");
    expect(status.jobs).toMatchObject({ succeeded: 2 + 5 + 5, pending: 18 });
    expect(ended.stderr).toContain(`    llm-batch resume ${status.run} --over-budget fail\n`);
    expect(commandsIn((await runHere(["status"], { cwd })).stdout)).toEqual(commandsIn(ended.stderr));
    const after = await raised(cwd, ended, `resume ${status.run}`);
    expect(after.stderr).toContain("30 of 30 succeeded");
    expect(after.code).toBe(0);
  });

  test("need groups: a run whose rows were imported without them is not gone on with", async () => {
    const { cwd, args, simulator } = await bench(3);
    const { stdout: run } = await runHere([...args, "--detach"], { cwd });
    const { code, stderr } = await runCli([...args, "--budget-by", "id"], { cwd });
    expect([code, simulator.stats().calls]).toEqual([0, 3]);
    expect(stderr).toContain(
      `this is a new run, as its settings are others; \`llm-batch resume ${run.trim()}\``,
    );
  });

  test("are refused where the rows have no groups, before anything is sent", async () => {
    const { cwd, args, simulator } = await bench(3);
    await runHere([...args, "--detach"], { cwd });
    writeFileSync(join(cwd, "llm-batch.yaml"), 'budgets: {"*": {max-total-tokens: 1}}\n');
    for (const line of [[...args, "--new"], ["resume"], ["retry"]]) {
      const { code, stderr } = await runCli(line, { cwd });
      expect(code).toBe(2);
      expect(stderr).toMatch(/^BAD_OPTION: budgets: .*\nhint: .*--budget-by/);
    }
    expect(simulator.stats().calls).toBe(0);
  });

  test("or fail what is over, with a code to retry by", async () => {
    const { cwd, ended, status } = await grouped("--over-budget", "fail");
    expect(ended.code).toBe(3);
    expect(status.jobs).toMatchObject({ succeeded: 12, failed: 18 });
    expect(status.failures).toMatchObject([{ code: "OVER_BUDGET", count: 18 }]);
    expect(ended.stderr).not.toMatch(/llm-batch retry \S+$/m);
    const after = await raised(cwd, ended, `retry ${status.run} --code OVER_BUDGET`);
    expect(after.stderr).toContain("30 of 30 succeeded");
    expect(after.code).toBe(0);
  });
});

test("of ten groups, nine are done as early as if the tenth, with nine tenths of the rows, had as few", async () => {
  const SMALL_ROWS = 5;
  const { cwd, args, simulator } = await bench(1);
  const groups = Array.from({ length: 9 }, (_, at) => `small-${at}`);
  const rowsOf = (team: string, count: number): string[] =>
    Array.from({ length: count }, (_, at) => JSON.stringify({ prompt: `${team} ${at}`, team }));
  const rows = [...rowsOf("heavy", 81 * SMALL_ROWS), ...groups.flatMap((team) => rowsOf(team, SMALL_ROWS))];
  writeFileSync(join(cwd, "prompts.jsonl"), rows.join("\n"));
  const { code, stderr } = await runCli([...args, "--budget-by", "team"], { cwd });
  expect(code, stderr).toBe(0);
  const asked = [...simulator.prompts().keys()];
  const lastSmall = asked.findLastIndex((prompt) => prompt.startsWith("small")) + 1;
  // Ten such groups make 50 calls; what is claimed ahead is four rows for each slot.
  expect(lastSmall).toBeLessThanOrEqual(10 * SMALL_ROWS + 4 * IN_FLIGHT);
});
