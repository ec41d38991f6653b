import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { listen } from "../../src/system/listen.ts";
import { afterTest } from "../helpers/after-test.ts";
import { runCli, startCli, tempFolder } from "../helpers/cli.ts";
import { readPrometheusText, type Sample } from "../helpers/prometheus-text.ts";
import { writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";
import { at, simulate } from "../helpers/simulate.ts";

const ROOT = join(import.meta.dirname, "../..");
const ROWS = 40;

/** Runs a batch that meets faults and a limit, holds its last row, and scrapes when all but that are done. */
async function scrapedBatch() {
  const cwd = tempFolder();
  writePrompts(cwd, ROWS);
  const last = `What is ${ROWS} plus`;
  const simulator = await simulate(
    ["concurrency", "8"],
    ["overflow", "refuse"],
    ["hint", "retry-after-ms"],
    ["latency", "20ms"],
    ["cached", "50%"],
    ["fault", "500:match=What is 7 plus:times=1"],
    ["fault", `hang:match=${last}`],
  );
  const args = [
    "run",
    "prompts.jsonl",
    ...at(simulator),
    "-c",
    "12",
    "--backoff-base",
    "10ms",
    "--metrics-port",
    "0",
  ];
  const run = startCli(args, { cwd });
  const url = await vi.waitUntil(() => /metrics: (\S+)/.exec(run.output().stderr)?.[1], { timeout: 20_000 });
  const text = await vi.waitUntil(
    async () => {
      const scrape = await (await fetch(url, { signal: AbortSignal.timeout(5_000) })).text();
      const { samples } = readPrometheusText(scrape);
      const done = sumOf(samples, "llm_batch_jobs_done");
      // Sent is not yet arrived: both must see the last call.
      const isLast = sumOf(samples, "llm_batch_calls_in_flight") === 1 && simulator.stats().in_flight === 1;
      return done === ROWS - 1 && isLast && scrape;
    },
    { timeout: 20_000 },
  );
  const stats = simulator.stats();
  run.process.kill("SIGKILL");
  await run.ended;
  return { ...readPrometheusText(text), text, stats };
}

function sumOf(samples: readonly Sample[], name: string, labels: Record<string, string> = {}): number {
  return samples
    .filter((sample) => sample.name === name)
    .filter((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
    .reduce((sum, { value }) => sum + value, 0);
}

describe("--metrics-port", () => {
  let scraped: Awaited<ReturnType<typeof scrapedBatch>>;
  beforeAll(async () => {
    scraped = await scrapedBatch();
  });
  const value = (name: string, labels?: Record<string, string>): number =>
    sumOf(scraped.samples, name, labels);

  test("counts what the provider counted", () => {
    const { stats } = scraped;
    // The last row's call has begun, and hasn't ended.
    expect(value("llm_batch_attempts_total")).toBe(stats.calls - 1);
    expect(value("llm_batch_attempts_total", { kind: "throttled" })).toBe(stats.refused);
    expect(value("llm_batch_attempts_total", { kind: "succeeded" })).toBe(ROWS - 1);
    expect(value("llm_batch_attempts_total", { kind: "transient" })).toBe(1);
    expect(value("gen_ai_client_operation_duration_seconds_count")).toBe(stats.calls - 1);
    expect(value("gen_ai_client_operation_duration_seconds_count", { gen_ai_request_model: "sim-1" })).toBe(
      stats.calls - 1,
    );
    expect(value("llm_batch_wait_seconds_count")).toBe(stats.calls - 1);
    expect(value("llm_batch_tokens_total", { type: "input" })).toBe(stats.tokens.input);
    expect(value("llm_batch_tokens_total", { type: "cached_input" })).toBe(stats.tokens.cached_input);
    expect(value("llm_batch_tokens_total", { type: "output" })).toBe(stats.tokens.output);
    expect(value("gen_ai_client_token_usage_sum", { gen_ai_token_type: "output" })).toBe(stats.tokens.output);
    expect(value("llm_batch_throttle_ratio")).toBeCloseTo(stats.refused / (stats.calls - 1), 9);
  });

  test("is accepted by promtool, where that is installed", ({ skip }) => {
    const promtool = spawnSync("promtool", ["check", "metrics"], { input: scraped.text, encoding: "utf8" });
    if (promtool.error) skip("promtool isn't installed");
    expect([promtool.status, promtool.stdout + promtool.stderr]).toEqual([0, ""]);
  });

  test("tells how the run stands", () => {
    expect(value("llm_batch_jobs", { state: "succeeded" })).toBe(ROWS - 1);
    expect(value("llm_batch_jobs", { state: "running" })).toBe(1);
    expect(value("llm_batch_jobs_arrived")).toBe(ROWS);
    expect(value("llm_batch_calls_in_flight")).toBe(1);
    expect(value("llm_batch_breaker_state", { state: "closed" })).toBe(1);
    expect(value("llm_batch_unpriced_answers_total")).toBe(ROWS - 1);
    expect(value("llm_batch_build_info")).toBe(1);
  });

  test("serves what docs/METRICS.md lists, with the labels it lists", () => {
    const { samples, types } = scraped;
    const page = readFileSync(join(ROOT, "docs/METRICS.md"), "utf8");
    const rows = [...page.matchAll(/^\| `(\w+)` \|([^|]*)\|/gm)];
    expect(rows.map(([, name]) => name).sort()).toEqual([...types.keys()].sort());
    for (const [, name, labels] of rows) {
      const listed = [...labels!.matchAll(/`(\w+)`/g)].map(([, label]) => label!);
      for (const sample of samples.filter((one) => one.name.replace(/_(bucket|sum|count)$/, "") === name)) {
        const own = Object.keys(sample.labels).filter(
          (label) => !["run", "gen_ai_operation_name", "le"].includes(label),
        );
        expect(own.sort(), name).toEqual(listed.sort());
      }
    }
  });

  test("has all that the dashboard asks for", () => {
    const { types } = scraped;
    const dashboard = JSON.parse(readFileSync(join(ROOT, "fixtures/grafana-dashboard.json"), "utf8"));
    const expressions: string[] = dashboard.panels.flatMap(({ targets }: { targets: { expr: string }[] }) =>
      targets.map(({ expr }) => expr),
    );
    const asked = expressions.flatMap((expr) => [
      ...expr.matchAll(/\b(?:llm_batch|gen_ai_client)_\w+(?=\{)/g),
    ]);
    expect(asked.length).toBeGreaterThanOrEqual(expressions.length);
    const families = new Set(asked.map(([name]) => name.replace(/_(bucket|sum|count)$/, "")));
    expect([...families].filter((name) => !types.has(name))).toEqual([]);
  });
});

test("a worker whose port for metrics is taken works without", async () => {
  const cwd = tempFolder();
  writePrompts(cwd, 2);
  const simulator = await simulate();
  const server = createServer();
  afterTest(() => server.close());
  const port = String(await listen(server, { what: "nothing", port: 0 }));
  const cli = (...args: string[]) => runCli(args, { cwd, env: { LLM_BATCH_METRICS_PORT: port } });
  await runHere(["run", "prompts.jsonl", ...at(simulator), "--detach"], { cwd });
  const { code, stderr } = await cli("work", "--exit-when-idle");
  expect(stderr).toContain(`${port}: another program has the port; going on without`);
  expect(code).toBe(0);
  expect(simulator.stats().calls).toBe(2);
});

test("a port that is taken is told before anything is read or put back", async () => {
  const cwd = tempFolder();
  writePrompts(cwd, 2);
  const simulator = await simulate();
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const port = String((server.address() as AddressInfo).port);
  const { code, stderr } = await runCli(["run", "prompts.jsonl", ...at(simulator), "--metrics-port", port], {
    cwd,
  });
  expect((await runHere(["runs", "--json"], { cwd })).stdout).not.toMatch(/"run":/);
  await runHere(["run", "prompts.jsonl", ...at(await simulate(["fault", "404"]))], { cwd });
  const before = (await runHere(["status", "--json"], { cwd })).stdout;
  expect((await runCli(["retry", "--metrics-port", port], { cwd })).stderr).toMatch(/^CANNOT_LISTEN: /);
  expect(JSON.parse((await runHere(["status", "--json"], { cwd })).stdout).jobs).toEqual(
    JSON.parse(before).jobs,
  );
  server.close();
  expect(code).toBe(2);
  expect(stderr).toContain(
    `CANNOT_LISTEN: metrics can't be served on 127.0.0.1:${port}: another program has the port`,
  );
  expect(simulator.stats().calls).toBe(0);
});

test("whoever connects and says nothing more doesn't keep a run from its end", async () => {
  const cwd = tempFolder();
  writePrompts(cwd, 1);
  const simulator = await simulate(["fault", "hang:times=1"]);
  const args = ["run", "prompts.jsonl", ...at(simulator), "--timeout", "1s", "--metrics-port", "0"];
  const run = startCli([...args, "--backoff-base", "10ms"], { cwd });
  const url = await vi.waitUntil(() => /metrics: (\S+)/.exec(run.output().stderr)?.[1], { timeout: 20_000 });
  const sockets = ["", "GET /metrics HTTP/1.1\r\n"].map((text) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.write(text);
    return socket.on("error", () => {});
  });
  expect(await run.ended).toMatchObject({ code: 0 });
  for (const socket of sockets) socket.destroy();
});

test("are served while the results are written, with the last figures, and no longer", async () => {
  const cwd = tempFolder();
  const rows = 100;
  const prompt = "a long question ".repeat(2_000);
  writeFileSync(join(cwd, "long.jsonl"), `${JSON.stringify({ prompt })}\n`.repeat(rows));
  const simulator = await simulate(["answer", "echo"]);
  const args = ["run", "long.jsonl", ...at(simulator), "--metrics-port", "0", "-o", "-"];
  const run = startCli(args, { cwd });
  const stdout = run.process.stdout!;
  // More than its buffers hold: who isn't read goes on writing.
  await new Promise<void>((resolve) => stdout.once("data", () => resolve(void stdout.pause())));
  const url = /metrics: (\S+)/.exec(run.output().stderr)![1]!;
  const { samples } = readPrometheusText(await (await fetch(url)).text());
  expect(sumOf(samples, "llm_batch_jobs", { state: "succeeded" })).toBe(rows);
  expect(sumOf(samples, "llm_batch_attempts_total", { kind: "succeeded" })).toBe(rows);
  expect(sumOf(samples, "llm_batch_calls_in_flight")).toBe(0);
  expect(run.output().stdout.length).toBeLessThan(rows * prompt.length);
  stdout.resume();
  const { code, stdout: results } = await run.ended;
  expect([code, results.trim().split("\n").length]).toEqual([0, rows]);
  await expect(fetch(url)).rejects.toThrow();
});

test("end with a run whose results can't be written", async () => {
  const cwd = tempFolder();
  writePrompts(cwd, 1);
  const simulator = await simulate(["fault", "hang:times=1"]);
  const args = ["run", "prompts.jsonl", ...at(simulator), "-o", "out.jsonl", "--metrics-port", "0"];
  const run = startCli([...args, "--timeout", "1s", "--backoff-base", "10ms"], { cwd });
  const url = await vi.waitUntil(() => /metrics: (\S+)/.exec(run.output().stderr)?.[1], { timeout: 20_000 });
  await fetch(url);
  writeFileSync(join(cwd, "out.jsonl"), "somebody else's\n");
  const { code, stderr } = await run.ended;
  expect(code).toBe(75);
  expect(stderr).toContain("OUTPUT_EXISTS: out.jsonl");
});
