import { spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { runCli, type Started, startCli, tempFolder } from "../helpers/cli.ts";
import { readParquet } from "../helpers/read-parquet.ts";
import { parseResults, readResults, writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";
import { at, simulate } from "../helpers/simulate.ts";
import { BIN } from "../helpers/start-cli.ts";
import { databaseFor } from "../helpers/test-database.ts";

const WAIT = { timeout: 30_000, interval: 10 };

function writeLines(cwd: string, lines: readonly object[]): void {
  writeFileSync(join(cwd, "batch.jsonl"), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
}

const linesOf = (cwd: string, name: string) =>
  readFileSync(join(cwd, name), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

const asking = (content: string) => ({ model: "m", max_tokens: 50, messages: [{ role: "user", content }] });

describe("a batch file's results", () => {
  test("of OpenAI's form are in that form, errors included, and in ours where that is asked for", async () => {
    const cwd = tempFolder();
    const bodies = ["one", "two", "three"].map(asking);
    const url = "/v1/chat/completions";
    writeLines(
      cwd,
      bodies.map((body, index) => ({ custom_id: `c-${index}`, method: "POST", url, body })),
    );
    const simulator = await simulate(["fault", "context-length:match=two"]);
    const { code } = await runCli(["run", "batch.jsonl", ...at(simulator), "-o", "out.jsonl"], { cwd });
    expect(code).toBe(3);
    const own = ["export", "-o", "own.jsonl", "--output-format", "jsonl", "--include", "raw"];
    await runHere(own, { cwd });
    const raws = linesOf(cwd, "own.jsonl").map(({ raw }) => raw);
    const lines = linesOf(cwd, "out.jsonl");
    expect(lines.map(({ custom_id }) => custom_id)).toEqual(["c-0", "c-1", "c-2"]);
    expect(lines.map(({ response }) => response.status_code)).toEqual([200, 400, 200]);
    expect(lines.map(({ response }) => response.body)).toEqual(raws);
    expect(lines.every(({ error }) => error === null)).toBe(true);
    expect(new Set(lines.map(({ id }) => id)).size).toBe(3);
  });

  test("of Anthropic's form are in that form, and in OpenAI's where that is asked for", async () => {
    const cwd = tempFolder();
    writeLines(cwd, [
      { custom_id: "a", params: asking("one") },
      { custom_id: "b", params: asking("two") },
    ]);
    const simulator = await simulate(["fault", "context-length:match=two"]);
    const flags = ["--provider", "anthropic", ...at(simulator), "-o", "out.jsonl"];
    await runCli(["run", "batch.jsonl", ...flags], { cwd, env: { ANTHROPIC_API_KEY: "k" } });
    const [first, second] = linesOf(cwd, "out.jsonl");
    expect(first).toMatchObject({
      custom_id: "a",
      result: { type: "succeeded", message: { type: "message" } },
    });
    expect(second).toMatchObject({ custom_id: "b", result: { type: "errored", error: { type: "error" } } });
    await runHere(["export", "-o", "openai.jsonl", "--output-format", "openai"], { cwd });
    const [{ custom_id, response }] = linesOf(cwd, "openai.jsonl");
    expect(custom_id).toBe("a");
    expect(response.body.choices[0].message.content).toBe(first.result.message.content[0].text);
  });
});

describe("export", () => {
  test("writes Parquet that another program reads, to a file and to a pipe", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 20);
    const simulator = await simulate(["answer", "echo"]);
    await runCli(["run", "prompts.jsonl", ...at(simulator), "-o", "out.parquet"], { cwd });
    const rows = await readParquet(join(cwd, "out.parquet"));
    expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, index) => `q-${index + 1}`));
    expect(rows[4]).toMatchObject({ output: "What is 5 plus 6?", status: "succeeded", attempts: 1 });
    const piped = await runCli(["export", "-o", "-", "--output-format", "parquet"], { cwd });
    expect(piped.stdout.startsWith("PAR1")).toBe(true);
    expect(piped.stdout.endsWith("PAR1")).toBe(true);
  });

  test("says each of several answers apart", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 2);
    const simulator = await simulate();
    await runHere(["run", "prompts.jsonl", ...at(simulator), "--samples", "2"], { cwd });
    const jsonl = await runCli(["export", "-o", "-"], { cwd });
    const lines = jsonl.stdout.trim().split("\n");
    expect(lines.map((line) => JSON.parse(line)).map(({ id, sample }) => `${id} ${sample}`)).toEqual([
      "q-1 1",
      "q-1 2",
      "q-2 1",
      "q-2 2",
    ]);
    const csv = await runHere(["export", "-o", "-", "--output-format", "csv"], { cwd });
    expect(csv.stdout.split("\n")[0]).toMatch(/^id,prompt,llm_sample,llm_status,/);
    const openai = await runHere(["export", "-o", "-", "--output-format", "openai"], { cwd });
    const ids = openai.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).custom_id);
    expect(ids).toEqual(["q-1", "q-1#2", "q-2", "q-2#2"]);
  });

  test("tells what it wrote as JSON, but never beside the data", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 3);
    const simulator = await simulate(["fault", "context-length:match=What is 2 plus"]);
    await runHere(["run", "prompts.jsonl", ...at(simulator)], { cwd });
    const toFile = await runCli(["export", "-o", "out.jsonl", "--json"], { cwd });
    expect(JSON.parse(toFile.stdout)).toEqual({
      rows: 3,
      by_status: { succeeded: 2, failed: 1, cancelled: 0, pending: 0 },
      path: "out.jsonl",
    });
    const toStdout = await runCli(["export", "-o", "-", "--json"], { cwd });
    expect(toStdout.stdout).toBe(readFileSync(join(cwd, "out.jsonl"), "utf8"));
  });
});

/** A run of ten rows whose fifth is never answered, and the first four are. */
async function stuckRun(cwd: string): Promise<Started> {
  writePrompts(cwd, 10);
  const simulator = await simulate(["fault", "hang:match=What is 5 plus"]);
  const run = startCli(["run", "prompts.jsonl", ...at(simulator), "-c", "2"], { cwd });
  await vi.waitFor(() => {
    const { calls, in_flight: inFlight } = simulator.stats();
    expect([calls, inFlight]).toEqual([10, 1]);
  }, WAIT);
  return run;
}

const idsOf = (stdout: string): string[] => parseResults(stdout).map(({ id }) => id);
const FIRST_FOUR = ["q-1", "q-2", "q-3", "q-4"];

async function followUntil(cwd: string, ids: readonly string[]): Promise<Started> {
  const follow = startCli(["export", "--follow", "-o", "-"], { cwd });
  await vi.waitFor(() => expect(idsOf(follow.output().stdout)).toEqual(ids), WAIT);
  return follow;
}

test.each(["/dev/stdout", "-"])(
  "export -o %s goes to a file of the shell's, after what is in it",
  async (path) => {
    const cwd = tempFolder();
    writePrompts(cwd, 3);
    await runHere(["run", "prompts.jsonl", ...at(await simulate())], { cwd });
    writeFileSync(join(cwd, "out.jsonl"), "first\n");
    const file = openSync(join(cwd, "out.jsonl"), "a");
    const env = { PATH: process.env.PATH, HOME: cwd, ...databaseFor(cwd) };
    const { status } = spawnSync(process.execPath, [BIN, "export", "-o", path], {
      cwd,
      env,
      stdio: ["ignore", file, "ignore"],
    });
    expect(status).toBe(0);
    writeSync(file, "last\n");
    closeSync(file);
    const lines = readFileSync(join(cwd, "out.jsonl"), "utf8").split("\n");
    expect(lines).toEqual(["first", ...Array(3).fill(expect.stringMatching(/^\{/)), "last", ""]);
  },
);

describe("export of a run that goes on", () => {
  test("with --partial writes every row as it stands, and the run is not disturbed", async () => {
    const cwd = tempFolder();
    const run = await stuckRun(cwd);
    await vi.waitFor(async () => {
      await runHere(["export", "--partial", "--force", "-o", "results.jsonl"], { cwd });
      const open = readResults(cwd).filter(({ status }) => status === "pending");
      expect(open.map(({ id }) => id)).toEqual(["q-5"]);
    }, WAIT);
    expect(readResults(cwd)).toHaveLength(10);
    expect(run.process.exitCode).toBe(null);
    run.process.kill("SIGKILL");
    await run.ended;
  });

  test("with --follow writes every row in input order and ends with the run", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 40);
    const simulator = await simulate(["latency", "uniform:20ms-200ms"]);
    const run = startCli(["run", "prompts.jsonl", ...at(simulator), "-c", "4"], { cwd });
    await vi.waitFor(() => expect(simulator.stats().calls).toBeGreaterThan(0), WAIT);
    const followed = await runCli(["export", "--follow", "-o", "-"], { cwd });
    expect(followed.code).toBe(0);
    expect(idsOf(followed.stdout)).toEqual(Array.from({ length: 40 }, (_, index) => `q-${index + 1}`));
    expect((await run.ended).code).toBe(0);
  });

  test("with --follow ends with exit code 75 when nobody works on the run any more", async () => {
    const cwd = tempFolder();
    const run = await stuckRun(cwd);
    const follow = await followUntil(cwd, FIRST_FOUR);
    run.process.kill("SIGKILL");
    await run.ended;
    const { code, stdout, stderr } = await follow.ended;
    expect(code).toBe(75);
    expect(idsOf(stdout)).toEqual(FIRST_FOUR);
    expect(stderr).toContain("llm-batch resume");
  });

  test("with --follow says why nobody works on the run any more, and what goes on", async () => {
    const cwd = tempFolder();
    writePrompts(cwd, 40);
    const simulator = await simulate(["latency", "100ms"]);
    const args = ["run", "prompts.jsonl", ...at(simulator), "-c", "1", "--max-total-tokens", "100"];
    expect((await runHere(args, { cwd })).code).toBe(75);
    const { code, stderr } = await runCli(["export", "--follow", "-o", "-"], { cwd });
    expect(code).toBe(75);
    expect(stderr).toMatch(
      /^nobody works on it any more: the token budget is used up: \d+ of --max-total-tokens 100; go on with: llm-batch resume r_\w+ --max-total-tokens MORE$/m,
    );
  });

  test("with --follow ends on Ctrl-C with what was written", async () => {
    const cwd = tempFolder();
    const run = await stuckRun(cwd);
    const follow = await followUntil(cwd, FIRST_FOUR);
    follow.process.kill("SIGINT");
    const { code, stdout } = await follow.ended;
    expect(code).toBe(130);
    expect(idsOf(stdout)).toEqual(FIRST_FOUR);
    run.process.kill("SIGKILL");
    await run.ended;
  });
});
