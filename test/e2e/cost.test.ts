import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { runCli, startCli, tempFolder } from "../helpers/cli.ts";
import { writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";
import { at, simulate } from "../helpers/simulate.ts";

/** USD per million tokens. */
const STANDARD = { input: 1.25, cached_input: 0.125, output: 10 };
const FLEX = { input: 0.625, cached_input: 0.0625, output: 5 };
const ROWS = 2_000;

describe("the cost that is reported", () => {
  test(`equals prices times usage, to the cent and the row, over ${ROWS} rows of cached and flex use`, async () => {
    const cwd = tempFolder();
    const simulator = await simulate(["cached", "37%"], ["output-tokens", "uniform:5-900"]);
    writeFileSync(join(cwd, "batch.jsonl"), batchLines());
    writeFileSync(
      join(cwd, "prices.json"),
      JSON.stringify([{ model: "m", ...STANDARD, tiers: { flex: FLEX } }]),
    );
    const args = ["run", "batch.jsonl", ...at(simulator), "--price-file", "prices.json", "-c", "64"];
    const out = ["--output-format", "jsonl", "-o", "out.jsonl", "--durability", "normal"];
    const { code, stderr } = await runCli([...args, ...out], { cwd });
    expect(code, stderr).toBe(0);

    let nanoUsd = 0;
    let farthest = 0;
    const cached = { standard: 0, flex: 0 };
    for (const { id, usage, cost_usd } of results(join(cwd, "out.jsonl"))) {
      const tier = isFlex(Number(id)) ? "flex" : "standard";
      const cost = nanoUsdOf(tier === "flex" ? FLEX : STANDARD, usage);
      farthest = Math.max(farthest, Math.abs(cost_usd * 1e9 - cost));
      nanoUsd += cost;
      cached[tier] += usage.cached_input_tokens;
    }
    const { jobs, cost_usd } = JSON.parse((await runHere(["status", "--json"], { cwd })).stdout);
    expect(jobs.succeeded).toBe(ROWS);
    expect(farthest).toBeLessThanOrEqual(0.5 + 1e-6);
    expect(Math.min(cached.standard, cached.flex)).toBeGreaterThan(1_000);
    expect(cost_usd).toBeGreaterThan(ROWS * 0.003);
    expect(cost_usd.toFixed(2)).toBe((nanoUsd / 1e9).toFixed(2));
    expect(Math.abs(cost_usd - nanoUsd / 1e9)).toBeLessThan(ROWS * 0.5e-9);
  });

  test("is told of answers that were all refused: they were paid for", async () => {
    const cwd = tempFolder();
    const simulator = await simulate(["fault", "invalid"]);
    writePrompts(cwd, 2);
    writeFileSync(join(cwd, "schema.json"), JSON.stringify({ type: "object" }));
    writeFileSync(join(cwd, "prices.json"), JSON.stringify([{ model: "sim-1", input: 100_000, output: 0 }]));
    const checked = ["--json-schema", "schema.json", "--schema-attempts", "1", "--price-file", "prices.json"];
    const { code, stderr } = await runCli(["run", "prompts.jsonl", ...at(simulator), ...checked], { cwd });
    expect(code, stderr).toBe(3);
    const { cost_usd } = JSON.parse((await runHere(["status", "--json"], { cwd })).stdout);
    expect(cost_usd).toBeGreaterThan(1);
    const told = `$${cost_usd.toFixed(2)}`;
    expect(stderr).toContain(`  cost       ${told}\n`);
    for (const command of ["status", "runs"])
      expect((await runHere([command], { cwd })).stdout, command).toContain(told);
  });

  test("is unknown, and not 0, where the tier that answered has no price", async () => {
    const cwd = tempFolder();
    const simulator = await simulate();
    writeFileSync(join(cwd, "batch.jsonl"), batchLines(4));
    writeFileSync(join(cwd, "prices.json"), JSON.stringify([{ model: "m", ...STANDARD }]));
    const args = ["run", "batch.jsonl", ...at(simulator), "--price-file", "prices.json", "-o", "out.jsonl"];
    await runCli([...args, "--output-format", "jsonl"], { cwd });
    const priced = [...results(join(cwd, "out.jsonl"))].map(({ cost_usd }) => cost_usd !== null);
    expect(priced).toEqual([0, 1, 2, 3].map((row) => !isFlex(row)));
    expect(JSON.parse((await runHere(["status", "--json"], { cwd })).stdout).cost_usd).toBeNull();
  });
});

const isFlex = (row: number): boolean => row % 3 === 1;

/** Lines of an OpenAI batch file, every third of them for the flex tier; ids are their numbers from 0. */
function batchLines(rows = ROWS): string {
  const lines = Array.from({ length: rows }, (_, row) => {
    const messages = [{ role: "user", content: `${"word ".repeat(row % 97)}${row}` }];
    const body = { model: "m", messages, max_tokens: 900, ...(isFlex(row) && { service_tier: "flex" }) };
    return JSON.stringify({ custom_id: String(row), method: "POST", url: "/v1/chat/completions", body });
  });
  return lines.join("\n");
}

interface Result {
  id: string;
  usage: { input_tokens: number; cached_input_tokens: number; output_tokens: number };
  cost_usd: number;
}

function* results(path: string): Generator<Result> {
  for (const line of readFileSync(path, "utf8").split("\n")) if (line !== "") yield JSON.parse(line);
}

function nanoUsdOf(prices: typeof STANDARD, usage: Result["usage"]): number {
  const { input_tokens, cached_input_tokens, output_tokens } = usage;
  const plain = (input_tokens - cached_input_tokens) * prices.input;
  return (plain + cached_input_tokens * prices.cached_input + output_tokens * prices.output) * 1_000;
}

describe("--max-cost", () => {
  const CALL_USD = 0.1;
  const SLOTS = 8;
  const MOST_CALLS = 60;
  const FLAGS = [
    "--price-file",
    "prices.json",
    "--max-cost",
    String(MOST_CALLS * CALL_USD),
    "--max-tokens",
    "100",
  ];

  /** 300 rows of ten cents each: 100 tokens of output, which is as much as a request allows. */
  async function begin(...settings: [string, string][]) {
    const cwd = tempFolder();
    writePrompts(cwd, 300);
    writeFileSync(join(cwd, "prices.json"), JSON.stringify([{ model: "sim-1", input: 0, output: 1_000 }]));
    const simulator = await simulate(["output-tokens", "100"], ...settings);
    const args = ["run", "prompts.jsonl", ...at(simulator), "-c", String(SLOTS), ...FLAGS];
    return { cwd, simulator, args };
  }

  test("is not passed by more than what was in flight, kills in between, though every call were billed", async () => {
    const { cwd, simulator, args } = await begin(["latency", "60ms"]);
    for (const calls of [10, 25, 40]) {
      const started = startCli(args, { cwd });
      await vi.waitUntil(() => simulator.stats().calls >= calls, { timeout: 20_000, interval: 5 });
      started.process.kill("SIGKILL");
      await started.ended;
    }
    const { code, stderr } = await runCli(args, { cwd });
    expect(code, stderr).toBe(75);
    expect(stderr).toContain("--max-cost MORE");
    const { calls } = simulator.stats();
    expect(calls).toBeLessThanOrEqual(MOST_CALLS + SLOTS);
    expect(calls).toBeGreaterThanOrEqual(MOST_CALLS - 3 * SLOTS);
  });

  test("counts calls that were cut off at their most, as the provider may have billed them", async () => {
    const { cwd, simulator, args } = await begin(["fault", "reset:rate=40%"]);
    const quick = ["--backoff-base", "5ms", "--backoff-max", "10ms", "--breaker-failures", "1000"];
    const { code, stderr } = await runCli([...args, ...quick], { cwd });
    expect(code, stderr).toBe(75);
    const { calls, succeeded } = simulator.stats();
    expect(calls).toBeLessThanOrEqual(MOST_CALLS + SLOTS);
    expect(succeeded).toBeLessThan(MOST_CALLS - SLOTS);
  });
});
