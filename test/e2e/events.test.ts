import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { runCli, startCli, tempFolder } from "../helpers/cli.ts";
import { lastLine } from "../helpers/last-line.ts";
import { oddProvider, send } from "../helpers/odd-provider.ts";
import { writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";
import { at, simulate } from "../helpers/simulate.ts";

interface EventLine {
  v: number;
  type: string;
  run: string;
  [field: string]: unknown;
}

/** The lines that a run printed but the last, which is its status. */
function eventsOf(stdout: string): EventLine[] {
  const lines = stdout.trimEnd().split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}

const WAITING = { timeout: 30_000, interval: 20 };

describe("the events of a run", () => {
  test("are lines of stdout with --json, from the start to the end, and the status comes last", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 30);
    const simulator = await simulate(["fault", "500:match=What is 7 plus:times=1"]);
    const args = ["run", "prompts.jsonl", ...at(simulator), "--backoff-base", "1ms", "--json"];
    const { code, stdout } = await runCli(args, { cwd });
    expect(code).toBe(0);
    const events = eventsOf(stdout);
    expect(events.map(({ type }) => type).at(0)).toBe("run_started");
    expect(events.at(-1)).toMatchObject({ type: "run_finished", exit_code: 0, jobs: { succeeded: 30 } });
    const done = events.filter(({ type }) => type === "row_done").map(({ id }) => String(id));
    expect(done.sort()).toEqual(Array.from({ length: 30 }, (_, row) => `q-${row + 1}`).sort());
    expect(events.filter(({ type }) => type === "attempt_failed")).toMatchObject([
      { id: "q-7", attempt: 1, http_status: 500 },
    ]);
    const status = lastLine(stdout);
    const asked = lastLine((await runHere(["status", "--json"], { cwd })).stdout);
    expect({ ...status, rate: null }).toEqual({ ...asked, rate: null });
    expect(new Set(events.map(({ v, run }) => `${v} ${run}`))).toEqual(new Set([`1 ${status.run}`]));
  });

  test("say why a run stopped", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 5);
    const simulator = await simulate(["fault", "context-length"]);
    const args = ["run", "prompts.jsonl", ...at(simulator), "-c", "1", "--max-failures", "1", "--json"];
    const { code, stdout } = await runCli(args, { cwd });
    expect(code).toBe(75);
    const events = eventsOf(stdout);
    expect(events).toContainEqual(expect.objectContaining({ type: "stopping", code: "TOO_MANY_FAILURES" }));
    expect(events.at(-1)).toMatchObject({
      type: "run_stopped",
      code: "TOO_MANY_FAILURES",
      exit_code: 75,
      jobs: { failed: 2, pending: 3 },
    });
  });

  test("leave stdout to the results with -o -", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 3);
    const simulator = await simulate();
    const { stdout } = await runCli(["run", "prompts.jsonl", ...at(simulator), "-o", "-", "--json"], { cwd });
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(4);
    expect(lines.slice(0, 3).map((line) => JSON.parse(line).id)).toEqual(["q-1", "q-2", "q-3"]);
    expect(lastLine(stdout).state).toBe("finished");
  });

  test("wait for a slow reader, while the run doesn't", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 2_000);
    const simulator = await simulate();
    const run = startCli(["run", "prompts.jsonl", ...at(simulator), "-c", "50", "--json"], { cwd });
    run.process.stdout!.pause();
    await expect.poll(() => simulator.stats().succeeded).toBe(2_000);
    await vi.waitFor(async () => {
      const { stdout } = await runHere(["status", "--json"], { cwd });
      expect(lastLine(stdout)).toMatchObject({ state: "finished", jobs: { succeeded: 2_000 } });
    }, WAITING);
    expect(run.process.exitCode).toBeNull();
    run.process.stdout!.resume();
    const { code, stdout } = await run.ended;
    expect(code).toBe(0);
    expect(eventsOf(stdout).filter(({ type }) => type === "row_done")).toHaveLength(2_000);
    expect(lastLine(stdout).state).toBe("finished");
  });

  test("may lose their reader: the run goes on, and says so once", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 300);
    const simulator = await simulate(["latency", "20ms"]);
    const run = startCli(["run", "prompts.jsonl", ...at(simulator), "-c", "4", "--json"], { cwd });
    run.process.stdout!.once("data", () => run.process.stdout!.destroy());
    const { code, stderr } = await run.ended;
    expect(code).toBe(0);
    expect(stderr.match(/stdout: no more events are written/g)).toHaveLength(1);
    expect(simulator.stats().calls).toBe(300);
  });

  test("hold no prompt, answer, message or key, and neither does -v", async () => {
    const cwd = tempFolder();
    const secrets = ["sk-very-secret-key", "my-own-prompt", "an-answer-of-it"];
    const rows = ["good", "bad", "worse"].map((id) => JSON.stringify({ id, prompt: `my-own-prompt ${id}` }));
    writeFileSync(join(cwd, "prompts.jsonl"), rows.join("\n"));
    const provider = await oddProvider(({ prompt }, response) => {
      const error = { message: `what is ${prompt}? sk-very-secret-key an-answer-of-it` };
      const message = { content: `an-answer-of-it: ${prompt}` };
      if (prompt.endsWith("good")) send(response, JSON.stringify({ choices: [{ message }] }));
      else send(response, JSON.stringify({ error }), prompt.endsWith("bad") ? 400 : 500);
    });
    const args = ["--json", "-v", "--log-file", "run.ndjson", "--max-attempts", "2", "--backoff-base", "1ms"];
    const ended = await runCli(["run", "prompts.jsonl", ...provider.at, ...args, "--breaker-failures", "9"], {
      cwd,
      env: { OPENAI_API_KEY: "sk-very-secret-key" },
    });
    expect(ended.code).toBe(3);
    const verbose = ended.stderr.split("\n").filter((line) => / attempt \d/.test(line));
    expect(verbose).toContainEqual(expect.stringMatching(/^bad attempt 1: .*\(HTTP 400\): failed for good$/));
    expect(verbose).toContainEqual(expect.stringMatching(/^worse attempt 1: .*\(HTTP 500\): again /));
    const told = `${JSON.stringify(eventsOf(ended.stdout))}${verbose.join("\n")}`;
    for (const secret of secrets) expect(told).not.toContain(secret);
  });
});

test("-v says why and how long a run waits for a rate limit", async () => {
  const cwd = tempFolder();
  writePrompts(cwd, 8);
  const simulator = await simulate([
    "fault",
    "429:hint=retry-after-ms:after=1500ms:match=What is 5 plus:times=1",
  ]);
  const args = ["run", "prompts.jsonl", ...at(simulator), "-c", "1", "-v"];
  const { code, stderr } = await runCli(args, { cwd });
  expect(code).toBe(0);
  expect(stderr).toMatch(/^q-5 attempt 1: rate_limit_exceeded \(HTTP 429\): again in \d+(ms|s)$/m);
  expect(stderr).toMatch(/^waiting [\d.]+m?s: refused by a rate limit: http/m);
  expect((await runCli([...args.slice(0, -1), "--new"], { cwd })).stderr).not.toMatch(/^waiting/m);
});
