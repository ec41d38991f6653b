import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import type { Simulator } from "../../src/simulator/simulator.ts";
import { runCli, type Started, startCli, tempFolder } from "../helpers/cli.ts";
import { readResults, writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";
import { at, simulate } from "../helpers/simulate.ts";
import { BIN } from "../helpers/start-cli.ts";
import { hasProgram, Terminal } from "../helpers/terminal.ts";

/** Resolves when calls are under way. */
function underWay(simulator: Simulator, calls: number): Promise<void> {
  return vi.waitFor(() => expect(simulator.stats().calls).toBeGreaterThanOrEqual(calls), {
    timeout: 20_000,
    interval: 5,
  });
}

async function start(cwd: string, simulator: Simulator): Promise<Started> {
  writePrompts(cwd, 60);
  const args = ["run", "prompts.jsonl", ...at(simulator), "-c", "4", "-o", "results.jsonl"];
  const started = startCli(args, { cwd });
  await underWay(simulator, 10);
  return started;
}

describe("stopping a run", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("one %s lets the calls in flight finish and exits %i, resumable", async (signal, code) => {
    const cwd = tempFolder();
    const simulator = await simulate(["latency", "100ms"]);
    const run = await start(cwd, simulator);
    run.process.kill(signal);
    const ended = await run.ended;
    expect(ended.code).toBe(code);
    expect(ended.stderr).toContain(`stopped: interrupted by ${signal}`);
    expect(ended.stderr).toMatch(/results\.jsonl was not written/);
    expect(existsSync(join(cwd, "results.jsonl"))).toBe(false);

    const calls = simulator.stats().calls;
    const { stdout } = await runHere(["status", "--json"], { cwd });
    expect(JSON.parse(stdout)).toMatchObject({
      state: "stopped",
      jobs: { succeeded: calls, pending: 60 - calls, running: 0 },
    });

    expect((await runCli(["resume"], { cwd })).code).toBe(0);
    expect(readResults(cwd).filter(({ status }) => status === "succeeded")).toHaveLength(60);
    expect(simulator.stats().calls).toBe(60);
  });

  test.skipIf(!hasProgram("script"))("whose terminal is closed lets the calls in flight finish", async () => {
    const cwd = tempFolder();
    const simulator = await simulate(["latency", "100ms"]);
    writePrompts(cwd, 60);
    const args = ["run", "prompts.jsonl", ...at(simulator), "-c", "4"];
    const terminal = new Terminal([process.execPath, BIN, ...args].join(" "), {
      cwd,
      env: { OPENAI_API_KEY: "none" },
    });
    await underWay(simulator, 10);
    terminal.close();
    const status = async () => JSON.parse((await runHere(["status", "--json"], { cwd })).stdout);
    await vi.waitFor(async () => expect(await status()).toMatchObject({ state: "stopped" }), {
      timeout: 20_000,
      interval: 50,
    });
    const calls = simulator.stats().calls;
    expect(calls).toBeLessThan(60);
    expect(await status()).toMatchObject({
      jobs: { succeeded: calls, pending: 60 - calls, running: 0 },
      attempts: { in_doubt: 0 },
    });
  });

  test("goes on without a terminal when the one it was started from is closed", async () => {
    const cwd = tempFolder();
    const simulator = await simulate(["latency", "20ms"]);
    const run = await start(cwd, simulator);
    run.process.kill("SIGHUP");
    expect((await run.ended).code).toBe(0);
    expect(simulator.stats().calls).toBe(60);
  });

  test("a second SIGINT stops at once, and the next start takes back what was in flight", async () => {
    const cwd = tempFolder();
    const simulator = await simulate(["fault", "hang:match=What is 20 plus:times=1"]);
    const run = await start(cwd, simulator);
    await vi.waitFor(() => expect(simulator.stats().in_flight).toBe(1), { timeout: 20_000, interval: 5 });
    run.process.kill("SIGINT");
    await vi.waitFor(() => expect(run.output().stderr).toContain("interrupt again"), {
      timeout: 20_000,
      interval: 5,
    });
    run.process.kill("SIGINT");
    const ended = await run.ended;
    expect(ended.code).toBe(130);
    expect(ended.stderr).toContain("in doubt");

    const resumed = await runCli(["resume"], { cwd });
    expect(resumed.stderr).toMatch(/at most (1 call is|[2-4] calls are) in doubt/);
    expect(resumed.code).toBe(0);
    expect(readResults(cwd).filter(({ status }) => status === "succeeded")).toHaveLength(60);
    expect(simulator.stats().calls).toBeGreaterThanOrEqual(61);
    expect(simulator.stats().calls).toBeLessThanOrEqual(64);
  });

  test("an unfinished run is exported only with --partial, and stderr says so", async () => {
    const cwd = tempFolder();
    const simulator = await simulate(["latency", "100ms"]);
    const run = await start(cwd, simulator);
    run.process.kill("SIGINT");
    await run.ended;
    const refused = await runHere(["export", "-o", "out.jsonl"], { cwd });
    expect(refused.code).toBe(75);
    expect(refused.stderr).toMatch(/^RUN_UNFINISHED: /);
    const partial = await runCli(["export", "-o", "out.jsonl", "--partial"], { cwd });
    expect(partial.code).toBe(0);
    expect(partial.stderr).toMatch(/unfinished/);
    const statuses = readResults(cwd, "out.jsonl").map(({ status }) => status);
    expect(statuses).toHaveLength(60);
    expect(new Set(statuses)).toEqual(new Set(["succeeded", "pending"]));
  });

  test("--max-total-tokens stops with 75 and can be raised by resume", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 40);
    const simulator = await simulate(["latency", "10ms"]);
    const args = ["run", "prompts.jsonl", ...at(simulator), "-c", "2", "--max-total-tokens", "100"];
    const stopped = await runCli(args, { cwd });
    expect(stopped.code).toBe(75);
    expect(stopped.stderr).toContain("--max-total-tokens 100");
    expect(simulator.stats().calls).toBeLessThan(40);
    expect((await runCli(["resume", "--max-total-tokens", "1000000"], { cwd })).code).toBe(0);
    expect(simulator.stats().calls).toBe(40);
  });

  test("--max-failures stops with 75", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 40);
    const simulator = await simulate(["fault", "context-length"]);
    const args = ["run", "prompts.jsonl", ...at(simulator), "-c", "1", "--max-failures", "10%"];
    const stopped = await runCli(args, { cwd });
    expect(stopped.code).toBe(75);
    expect(simulator.stats().calls).toBe(5);
    const wayOn = /^ {4}llm-batch resume \S+ --max-failures MORE$/m;
    expect(stopped.stderr).toMatch(wayOn);
    expect((await runHere(["status"], { cwd })).stdout).toMatch(wayOn);
    const again = await runCli(["resume"], { cwd });
    expect(again.code).toBe(75);
    expect(again.stderr).toMatch(wayOn);
    expect(simulator.stats().calls).toBe(5);
  });
});
