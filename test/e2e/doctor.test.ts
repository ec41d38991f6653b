import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Check } from "../../src/domain/check.ts";
import { runCli, startCli, tempFolder } from "../helpers/cli.ts";
import { writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";
import { at, simulate } from "../helpers/simulate.ts";
import { databaseText } from "../helpers/test-database.ts";

const PAGE_BYTES = 4_096;

async function finishedRun(rows: number): Promise<string> {
  const cwd = tempFolder();
  writePrompts(cwd, rows);
  const simulator = await simulate();
  expect((await runHere(["run", "prompts.jsonl", ...at(simulator)], { cwd })).code).toBe(0);
  return cwd;
}

async function doctor(cwd: string, ...args: string[]): Promise<{ code: number | null; checks: Check[] }> {
  const { code, stdout, stderr } = await runCli(["doctor", "--json", ...args], { cwd });
  expect(stderr).toBe("");
  return { code, checks: JSON.parse(stdout).checks };
}

function wrong(checks: readonly Check[]): string[] {
  return checks.filter(({ verdict }) => verdict !== "ok").map(({ name, verdict }) => `${name} ${verdict}`);
}

describe("doctor", () => {
  test("passes a finished run and a provider that answers, line by line", async () => {
    const cwd = await finishedRun(30);
    const simulator = await simulate();
    const { code, stdout } = await runCli(["doctor", ...at(simulator)], {
      cwd,
      env: { OPENAI_API_KEY: "sk-not-to-be-seen" },
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ok {7}node {10}Node /);
    expect(stdout).toMatch(/^ok {7}key {11}OPENAI_API_KEY is set$/m);
    expect(stdout).toMatch(/^ok {7}endpoint {6}http:.* answers HTTP 200$/m);
    expect(stdout).toMatch(/^ok {7}tallies /m);
    expect(stdout).not.toMatch(/^(warning|failed)/m);
    expect(stdout).not.toContain("sk-not-to-be-seen");
    expect(simulator.stats().calls).toBe(0);
  });

  test("changes nothing", async () => {
    const cwd = await finishedRun(5);
    const seen = () => readdirSync(cwd).map((name) => [name, statSync(join(cwd, name)).mtimeMs]);
    const before = {
      files: seen().filter(([name]) => !/-(shm|wal)$/.test(String(name))),
      text: await databaseText(cwd),
    };
    expect((await doctor(cwd, "--offline")).code).toBe(0);
    expect(seen().filter(([name]) => !/-(shm|wal)$/.test(String(name)))).toEqual(before.files);
    expect((await databaseText(cwd)) === before.text).toBe(true);
  });

  test("finds nothing wrong while a run goes on, time after time", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 10_000);
    const simulator = await simulate(["latency", "uniform:20ms-60ms"], ["faults", "5%"]);
    const flags = ["-c", "16", "--backoff-base", "5ms", "--backoff-max", "20ms"];
    const run = startCli(["run", "prompts.jsonl", ...at(simulator), ...flags], { cwd });
    onTestFinished(() => void run.process.kill("SIGKILL"));
    await expect.poll(() => simulator.stats().calls).toBeGreaterThan(50);
    for (let time = 0; time < 4; time++) {
      const { code, checks } = await doctor(cwd, "--provider", "sim");
      expect(checks.filter(({ verdict }) => verdict !== "ok")).toEqual([]);
      expect(code).toBe(0);
    }
    run.process.kill("SIGKILL");
    expect((await run.ended).signal).toBe("SIGKILL");
    const found = async () => wrong((await doctor(cwd, "--provider", "sim")).checks);
    await expect.poll(found).toEqual(["owners warning"]);
  });

  test("where there is no database yet warns and makes none", async () => {
    const cwd = tempFolder();
    const { code, checks } = await doctor(cwd, "--provider", "sim");
    expect(wrong(checks)).toEqual(["database warning"]);
    expect(code).toBe(0);
    expect(readdirSync(cwd)).toEqual([]);
  });

  test("tells a file that is no database", async () => {
    const cwd = tempFolder();
    writeFileSync(join(cwd, "notes.db"), "my notes\n".repeat(1_000));
    const { code, checks } = await doctor(cwd, "--provider", "sim", "--db", "notes.db");
    expect(code).toBe(2);
    expect(checks.at(-1)).toMatchObject({
      name: "database",
      verdict: "failed",
      message: expect.stringContaining("NOT_A_DATABASE"),
    });
  });

  test("tells a damaged page, with what to do", async () => {
    const cwd = await finishedRun(300);
    const path = join(cwd, "llm-batch.db");
    const bytes = readFileSync(path);
    const middle = PAGE_BYTES * Math.floor(bytes.length / PAGE_BYTES / 2);
    bytes.fill(0x5a, middle, middle + 2 * PAGE_BYTES);
    writeFileSync(path, bytes);
    const { code, checks } = await doctor(cwd, "--provider", "sim");
    expect(code).toBe(2);
    expect(checks.find(({ name }) => name === "integrity")).toMatchObject({
      verdict: "failed",
      hint: expect.stringContaining(".recover"),
    });
  });

  test("tells a config file that can't be read, and checks the database all the same", async () => {
    const cwd = await finishedRun(3);
    writeFileSync(join(cwd, "llm-batch.yaml"), "rpmm: 5\n");
    const { code, checks } = await doctor(cwd);
    expect(code).toBe(2);
    expect(wrong(checks)).toEqual(["settings failed"]);
    expect(checks.map(({ name }) => name)).toContain("integrity");
  });
});
