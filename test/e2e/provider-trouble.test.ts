import { describe, expect, test } from "vitest";
import { runCli, tempFolder } from "../helpers/cli.ts";
import { lastLine } from "../helpers/last-line.ts";
import { chatText, oddProvider, send } from "../helpers/odd-provider.ts";
import { readResults, writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";
import { at, simulate } from "../helpers/simulate.ts";

const QUICK = ["--backoff-base", "5ms", "--backoff-max", "20ms", "--breaker-cooldown", "50ms"];

describe("a provider in trouble", () => {
  test("an outage opens the breaker, is probed, uses up no attempts, and every row is done afterwards", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 200);
    const simulator = await simulate(["latency", "5ms"], ["outage", "calls:60-72"]);
    const args = [
      "run",
      "prompts.jsonl",
      ...at(simulator),
      "-c",
      "8",
      "--max-attempts",
      "2",
      ...QUICK,
      "-o",
      "results.jsonl",
    ];
    const { code, stderr } = await runCli(args, { cwd });
    expect(code).toBe(0);
    expect(stderr).toContain("breaker open");
    expect(stderr).toContain("breaker half-open");
    expect(stderr).toContain("breaker closed");
    expect(readResults(cwd).every(({ status }) => status === "succeeded")).toBe(true);
  });

  test("an account that was refused is asked by one call at the next start, and serves once it is mended", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 20);
    let isMended = false;
    const provider = await oddProvider((_, response) =>
      isMended ? send(response, chatText("ok")) : send(response, '{"error":{"message":"no credit"}}', 402),
    );
    const run = ["run", "prompts.jsonl", ...provider.at];
    const callsOf = async (args: string[], code: number): Promise<number> => {
      const before = provider.calls.length;
      expect((await runCli(args, { cwd })).code).toBe(code);
      return provider.calls.length - before;
    };
    expect(await callsOf(run, 4)).toBeGreaterThan(0);
    expect(await callsOf(run, 4)).toBe(1);
    expect(await callsOf(["resume"], 4)).toBe(1);
    isMended = true;
    expect(await callsOf(["resume"], 0)).toBe(20);
  });

  test("a breaker that was opened by hand stays so at the next start", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 2);
    const run = ["run", "prompts.jsonl", ...at(await simulate())];
    await runHere([...run, "--max-total-tokens", "1"], { cwd });
    await runCli(["breaker", "open"], { cwd });
    expect((await runCli(["resume", "--deadline", "1ms"], { cwd })).code).toBe(75);
    expect((await runHere(["breaker"], { cwd })).stdout).toContain("opened by hand");
  });

  test("a model slower than --timeout is told as the cause, by the breaker and where the run stalls", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 40);
    const simulator = await simulate(["latency", "60s"]);
    const bounds = ["--timeout", "500ms", "--stall-timeout", "3s", "--breaker-failures", "2"];
    const { code, stderr } = await runCli(["run", "prompts.jsonl", ...at(simulator), ...bounds, ...QUICK], {
      cwd,
    });
    expect(code).toBe(75);
    expect(stderr).toContain("2 failures in a row, the last no answer within 500ms (--timeout)");
    expect(stderr).toContain("a probe failed: no answer within 500ms (--timeout)");
    expect(stderr).toContain(
      "no call succeeded for 3s: --stall-timeout; all got no answer within 500ms (--timeout)",
    );
    expect(stderr).toMatch(/go on:\n +llm-batch resume \S+ --timeout LONGER/);
  });

  test("a poison row ends as failed after its own attempts and trips nothing", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 40);
    const simulator = await simulate(["fault", "500:match=What is 40 plus"]);
    const args = [
      "run",
      "prompts.jsonl",
      ...at(simulator),
      "-c",
      "4",
      "--max-attempts",
      "7",
      ...QUICK,
      "-o",
      "results.jsonl",
    ];
    const { code, stderr } = await runCli(args, { cwd });
    expect(code).toBe(3);
    expect(stderr).not.toContain("breaker open");
    expect(readResults(cwd).at(-1)).toMatchObject({
      id: "q-40",
      status: "failed",
      attempts: 7,
      error: { http_status: 500 },
    });
  });

  test("a refused key stops the run with 4 after a few calls, and says how to go on", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 100);
    const simulator = await simulate(["require-key", "sk-right"]);
    const { code, stderr } = await runCli(["run", "prompts.jsonl", ...at(simulator), "-c", "4"], {
      cwd,
      env: { OPENAI_API_KEY: "sk-wrong-0123456789" },
    });
    expect(code).toBe(4);
    expect(stderr).not.toContain("sk-wrong-0123456789");
    expect(stderr).toContain("llm-batch resume");
    expect(simulator.stats().calls).toBeLessThanOrEqual(4);
    const resumed = await runCli(["resume"], { cwd, env: { OPENAI_API_KEY: "sk-right" } });
    expect(resumed.code).toBe(0);
  });

  test("an unknown model stops the run with 4", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 20);
    const simulator = await simulate(["models", "real-1"]);
    const { code, stderr } = await runCli(["run", "prompts.jsonl", ...at(simulator), "-c", "2"], { cwd });
    expect(code).toBe(4);
    expect(stderr).toContain("sim-1");
  });

  test.each([
    ["nothing listens", "http://127.0.0.1:9/v1"],
    ["the host is mistyped", "http://no-such-host.invalid/v1"],
  ])("when %s, the run stops with 4 within a few tries", async (_, url) => {
    const cwd = tempFolder();
    writePrompts(cwd, 20);
    const { code, stderr } = await runCli(["run", "prompts.jsonl", "--base-url", url, "-m", "m", ...QUICK], {
      cwd,
    });
    expect(code).toBe(4);
    expect(stderr).toContain("never reached");
  });

  test("refusals by a rate limit are waited for as told and fail nothing", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 60);
    const simulator = await simulate(
      ["fault", "429:hint=retry-after-ms:after=40ms:times=1:match=What is 20 plus"],
      ["fault", "429:hint=retry-after-ms:after=40ms:times=1:match=What is 40 plus"],
    );
    const { code, stdout } = await runCli(
      ["run", "prompts.jsonl", ...at(simulator), "-c", "8", "-o", "results.jsonl", "--json"],
      { cwd },
    );
    expect(code).toBe(0);
    const { attempts } = lastLine(stdout);
    expect(attempts).toMatchObject({ throttled: 2, total: 60 + 2 });
    expect(simulator.stats().calls).toBe(attempts.total);
  });

  test("a reply that is truncated, no JSON, empty, cut off or of a wrong type is asked for again", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 60);
    const faults = ["truncated", "non-json", "empty", "reset", "reset-body", "wrong-type", "error-in-200"];
    const rows = faults.map((_, at) => 7 * (at + 1));
    const simulator = await simulate(
      ...faults.map((fault, at): [string, string] => [
        "fault",
        `${fault}:match=What is ${rows[at]} plus:times=1`,
      ]),
    );
    const { code } = await runCli(
      ["run", "prompts.jsonl", ...at(simulator), "-c", "2", ...QUICK, "-o", "results.jsonl"],
      { cwd },
    );
    expect(code).toBe(0);
    const twice = readResults(cwd).filter(({ attempts }) => attempts === 2);
    expect(twice.map(({ id }) => id)).toEqual(rows.map((row) => `q-${row}`));
    expect(readResults(cwd).every(({ status }) => status === "succeeded")).toBe(true);
  });
});
