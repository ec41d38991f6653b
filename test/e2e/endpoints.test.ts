import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { runCli, startCli, tempFolder } from "../helpers/cli.ts";
import { readResults, writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";
import { simulate } from "../helpers/simulate.ts";

const QUICK = ["--backoff-base", "5ms", "--backoff-max", "20ms", "--breaker-cooldown", "50ms"];

/** A folder with `rows` prompts and a config file of these endpoints. */
function folderWith(endpoints: Record<string, object>, rows = 40): string {
  const cwd = tempFolder();
  writePrompts(cwd, rows);
  writeFileSync(join(cwd, "llm-batch.yaml"), JSON.stringify({ endpoints }));
  return cwd;
}

/** How many rows each endpoint has answered, and as which model. */
function answerers(cwd: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, provider, model } of readResults(cwd)) {
    const who = status === "succeeded" ? `${provider}: ${model}` : status;
    counts[who] = (counts[who] ?? 0) + 1;
  }
  return counts;
}

async function run(cwd: string, ...flags: string[]) {
  return runCli(["run", "prompts.jsonl", ...QUICK, ...flags, "-o", "results.jsonl"], { cwd });
}

describe("a pool of endpoints in the config file", () => {
  test("shares the work by quota, and every result, attempt and figure says whose it is", async () => {
    const [east, west] = [await simulate(), await simulate()];
    const cwd = folderWith({
      east: { "base-url": east.url, model: "big", rpm: 12_000, concurrency: 2 },
      west: { "base-url": west.url, model: "small", rpm: 12_000, concurrency: 2 },
    });
    const { code, stderr } = await run(cwd, "--pool", "east,west");
    expect(code, stderr).toBe(0);
    const { "east: big": byEast, "west: small": byWest } = answerers(cwd);
    expect(byEast! + byWest!).toBe(40);
    expect(Math.min(byEast!, byWest!)).toBeGreaterThan(0);

    const { breaker } = JSON.parse((await runHere(["status", "--json"], { cwd })).stdout);
    expect(breaker).toMatchObject([{ state: "closed" }, { state: "closed" }]);
    const byName = readResults(cwd).find(({ provider }) => provider === "west")!;
    const [, id] = /^(r_\w+):/m.exec(stderr)!;
    const { stdout } = await runHere(["show", id!, byName.id], { cwd });
    expect(stdout).toContain("answer     small, by west, stop");
    expect(stdout).toMatch(/attempt 1 .*by west/);
  });

  test("a run is told of the endpoints that it calls alone: other models at its address are other runs'", async () => {
    const simulator = await simulate();
    const cwd = tempFolder();
    writePrompts(cwd, 2);
    for (const model of ["one", "two"])
      expect((await run(cwd, "--base-url", simulator.url, "-m", model, "--force")).code).toBe(0);
    const { breaker } = JSON.parse((await runHere(["status", "--json"], { cwd })).stdout);
    expect(breaker).toMatchObject([{ endpoint: `${simulator.url} two key:none` }]);
  });

  test("goes on without an endpoint that is down, and fails no row", async () => {
    const [up, down] = [await simulate(), await simulate(["fault", "503"])];
    const cwd = folderWith({
      up: { "base-url": up.url, model: "m" },
      down: { "base-url": down.url, model: "m" },
    });
    expect((await run(cwd, "--pool", "up,down")).code).toBe(0);
    expect(answerers(cwd)).toEqual({ "up: m": 40 });
  });
});

describe("a chain of endpoints", () => {
  const schema = JSON.stringify({ type: "object", properties: { a: { type: "string" } }, required: ["a"] });

  test.each([
    ["whose breaker is open", ["fault", "503"], { "strong: s-1": 40 }],
    ["that fails rows for good", ["fault", "400:match=What is 4"], { "weak: w-1": 38, "strong: s-1": 2 }],
    ["whose quota of the day is used up", ["rpd", "8"], { "weak: w-1": 8, "strong: s-1": 32 }],
    ["whose answers don't fit", ["fault", "invalid:match=What is 4"], { "weak: w-1": 38, "strong: s-1": 2 }],
  ] as const)("falls back from one %s", async (_case, setting, expected) => {
    const [weak, strong] = [await simulate([...setting]), await simulate()];
    const cwd = folderWith({
      weak: { "base-url": weak.url, model: "w-1" },
      strong: { "base-url": strong.url, model: "s-1" },
    });
    writeFileSync(join(cwd, "s.json"), schema);
    const flags = ["--provider", "weak", "--fallback", "strong", "--json-schema", "s.json"];
    const { code, stderr } = await run(cwd, ...flags);
    expect(code, stderr).toBe(0);
    expect(answerers(cwd)).toEqual(expected);
  });
});

test("resume asks endpoints as fast as the config file has it by then", async () => {
  const [one, other] = [await simulate(), await simulate()];
  const endpointsOf = (perDay: number) => ({
    one: { "base-url": one.url, model: "m-1", rpd: perDay },
  });
  const cwd = folderWith({ ...endpointsOf(5), other: { "base-url": other.url, model: "m-2", rpd: 5 } });
  const calls = () => [one, other].map((simulator) => simulator.stats().succeeded);
  const waiting = startCli(["run", "prompts.jsonl", "--pool", "one,other"], { cwd });
  await vi.waitUntil(() => calls().every((count) => count === 5), { timeout: 20_000 });
  waiting.process.kill("SIGINT");
  await waiting.ended;

  writeFileSync(join(cwd, "llm-batch.yaml"), JSON.stringify({ endpoints: endpointsOf(100) }));
  expect((await runCli(["resume"], { cwd })).code).toBe(0);
  expect(calls()).toEqual([35, 5]);
});

test("-m endpoint/model picks an endpoint, and a model of it", async () => {
  const [one, other] = [await simulate(), await simulate()];
  const cwd = folderWith({
    one: { "base-url": one.url, model: "m-1" },
    other: { "base-url": other.url, model: "m-2" },
  });
  expect((await run(cwd, "-m", "other/m-3")).code).toBe(0);
  expect(answerers(cwd)).toEqual({ "other: m-3": 40 });
});

describe("endpoints that can't serve are told before anything is sent:", () => {
  const NOWHERE = "http://127.0.0.1:1/v1";

  test.each([
    ["without a key", { a: { provider: "groq", model: "m" } }, /^MISSING_KEY: no key for a: .*GROQ_API_KEY/],
    [
      "without a model",
      { a: { "base-url": NOWHERE, model: "m" }, b: { "base-url": `${NOWHERE}/b` } },
      /:1 MISSING_MODEL for the endpoint b: neither the row nor the run names a model/,
    ],
    [
      "twice the same",
      { a: { "base-url": NOWHERE, model: "m" }, b: { "base-url": `${NOWHERE}/`, model: "m" } },
      /^SAME_ENDPOINT: a and b are one endpoint/m,
    ],
    [
      "without the row's model",
      { a: { "base-url": NOWHERE, models: { other: "o" }, model: "m" } },
      /:2 MODEL_NOT_SERVED no endpoint serves the model "gpt-4.1"/,
    ],
  ])("%s", async (_case, endpoints, message) => {
    const cwd = folderWith(endpoints);
    const rows = [{ prompt: "hi" }, { prompt: "ho", model: "gpt-4.1" }].map((row) => JSON.stringify(row));
    writeFileSync(join(cwd, "prompts.jsonl"), rows.join("\n"));
    const { code, stderr } = await run(cwd, "--pool", Object.keys(endpoints).join(","));
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});

test("plan divides the rows of a pool by its quotas", async () => {
  const cwd = folderWith(
    {
      fast: { provider: "openai", model: "gpt-4.1", rpm: 600 },
      slow: { provider: "groq", model: "llama-3.3-70b-versatile", rpm: 300 },
    },
    900,
  );
  const args = ["plan", "prompts.jsonl", "--pool", "fast,slow", "--json"];
  const { stdout, stderr } = await runCli(args, { cwd });
  const { duration_seconds, cost_usd, models } = JSON.parse(stdout);
  expect(stderr).toBe("");
  expect(duration_seconds).toBeGreaterThanOrEqual(60);
  expect(duration_seconds).toBeLessThan(72);
  expect(models).toMatchObject([{ endpoint: "fast" }, { endpoint: "slow" }]);
  expect(models[0].calls).toBeGreaterThan(590);
  expect(models[0].calls).toBeLessThan(610);
  expect(models[0].calls + models[1].calls).toBe(900);
  const sum = models[0].cost_usd.typical + models[1].cost_usd.typical;
  expect(cost_usd.typical).toBeCloseTo(sum, 9);
});
