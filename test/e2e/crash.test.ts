import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Simulator } from "../../src/simulator/simulator.ts";
import { runCli, startCli, tempFolder } from "../helpers/cli.ts";
import { readResults, writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";
import { seeded } from "../helpers/seeded.ts";
import { at, simulate } from "../helpers/simulate.ts";

const CONCURRENCY = 8;

/** Runs a command and kills it with SIGKILL after so long; false when it had ended by then. */
async function killAfter(ms: number, args: readonly string[], cwd: string): Promise<boolean> {
  const { process: child, ended } = startCli(args, { cwd });
  const timer = setTimeout(() => child.kill("SIGKILL"), ms);
  const { signal } = await ended;
  clearTimeout(timer);
  return signal === "SIGKILL";
}

function expectEachOnce(cwd: string, prompts: readonly string[]): void {
  const results = readResults(cwd);
  expect(results.map(({ output }) => output)).toEqual(prompts);
  expect(results.every(({ status }) => status === "succeeded")).toBe(true);
}

function repeated(simulator: Simulator, rows: number): number {
  return simulator.stats().calls - rows;
}

describe("kill -9 at a random moment", () => {
  test("while rows are sent: nothing lost, nothing doubled, repeats within the calls in flight", async () => {
    const cwd = tempFolder();
    const prompts = writePrompts(cwd, 1_000);
    const simulator = await simulate(["answer", "echo"], ["latency", "uniform:6ms-90ms"]);
    const args = ["run", "prompts.jsonl", ...at(simulator), "-c", String(CONCURRENCY), "-o", "results.jsonl"];
    const random = seeded(1);
    let kills = 0;
    while (kills < 10 && (await killAfter(300 + random() * 500, args, cwd))) kills += 1;
    expect(kills).toBe(10);
    expect((await runCli(args, { cwd })).code).toBe(0);
    expectEachOnce(cwd, prompts);
    expect(repeated(simulator, prompts.length)).toBeLessThanOrEqual(kills * CONCURRENCY);
    const { stdout } = await runHere(["status", "--json"], { cwd });
    expect(JSON.parse(stdout).jobs).toMatchObject({ total: 1_000, succeeded: 1_000, pending: 0, running: 0 });
  }, 120_000);

  test("while rows are imported: a half-imported run is never drained, and the same command starts over", async () => {
    const cwd = tempFolder();
    const prompts = writePrompts(cwd, 30_000);
    const simulator = await simulate(["answer", "echo"]);
    const args = ["run", "prompts.jsonl", ...at(simulator), "--deadline", "1ms"];
    const random = seeded(2);
    let kills = 0;
    for (let trial = 0; trial < 6; trial++) kills += Number(await killAfter(120 + random() * 180, args, cwd));
    expect(kills).toBeGreaterThan(0);
    const { stdout } = await runHere(["runs", "--json"], { cwd });
    const runs = stdout.startsWith("[") ? JSON.parse(stdout) : [];
    const table = (await runCli(["runs"], { cwd })).stdout.split("\n");
    for (const { run, jobs } of runs) {
      expect(jobs.succeeded + jobs.failed + jobs.running).toBe(0);
      if (jobs.total < prompts.length) expect(table.find((line) => line.includes(run))).toMatch(/ stopped /);
    }
    await runCli(args, { cwd });
    const after = JSON.parse((await runHere(["runs", "--json"], { cwd })).stdout);
    expect(after).toHaveLength(1);
    expect(after[0].jobs.total).toBe(prompts.length);
  }, 120_000);

  test("while results are written: the file is whole or not there", async () => {
    const cwd = tempFolder();
    // Few calls, and yet a file that takes a while to write.
    const prompts = Array.from({ length: 800 }, (_, row) => `${row} `.repeat(1_000));
    const lines = prompts.map((prompt) => `${JSON.stringify({ prompt })}\n`);
    writeFileSync(join(cwd, "prompts.jsonl"), lines.join(""));
    const simulator = await simulate(["answer", "echo"]);
    expect((await runHere(["run", "prompts.jsonl", ...at(simulator), "-c", "64"], { cwd })).code).toBe(0);
    const random = seeded(3);
    for (let trial = 0; trial < 8; trial++) {
      const name = `out-${trial}.jsonl`;
      await killAfter(100 + random() * 150, ["export", "-o", name], cwd);
      if (existsSync(join(cwd, name))) expect(readResults(cwd, name)).toHaveLength(prompts.length);
    }
    expect((await runCli(["export", "-o", "results.jsonl"], { cwd })).code).toBe(0);
    expectEachOnce(cwd, prompts);
  }, 120_000);
});

describe("two processes on one run", () => {
  test("share the work and double nothing, even when one of them is killed", async () => {
    const cwd = tempFolder();
    const prompts = writePrompts(cwd, 400);
    const simulator = await simulate(["answer", "echo"], ["latency", "10ms"]);
    const args = ["run", "prompts.jsonl", ...at(simulator), "-c", String(CONCURRENCY)];
    await runHere([...args, "--deadline", "1ms"], { cwd });
    const survivor = startCli(["resume", "--deadline", "10m"], { cwd });
    await killAfter(600, ["resume", "--deadline", "10m"], cwd);
    expect((await survivor.ended).code).toBe(0);
    expect((await runHere(["export", "-o", "results.jsonl"], { cwd })).code).toBe(0);
    expectEachOnce(cwd, prompts);
    expect(repeated(simulator, prompts.length)).toBeLessThanOrEqual(CONCURRENCY);
  }, 60_000);
});
