import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli, tempFolder } from "../helpers/cli.ts";
import { lastLine } from "../helpers/last-line.ts";
import { readResults, writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";
import { splitWords } from "../helpers/shell-words.ts";
import { at, simulate } from "../helpers/simulate.ts";

test("status of a run that nobody is at names the command that goes on", async () => {
  const cwd = tempFolder();
  writePrompts(cwd, 3);
  const args = ["run", "prompts.jsonl", "--provider", "sim", "--max-total-tokens", "1"];
  const { run } = lastLine((await runHere([...args, "--json"], { cwd })).stdout);
  const lines = async (): Promise<string[]> =>
    (await runCli(["status"], { cwd })).stdout.trimEnd().split("\n");
  const wayOn = ["  go on:", `    llm-batch resume ${run} --max-total-tokens MORE`];
  const told = await lines();
  expect(told[1]).toMatch(/^ {2}stopped {4}the token budget is used up: \d+ of --max-total-tokens 1 /);
  expect(told.filter((line) => line.includes("used up"))).toHaveLength(1);
  expect(told.slice(-2)).toEqual(wayOn);
  writeFileSync(join(cwd, "llm-batch.yaml"), "no-such-setting: 1\n");
  expect((await lines()).slice(-2)).toEqual(wayOn);
  rmSync(join(cwd, "llm-batch.yaml"));
  await runCli(["resume", "--max-total-tokens", "1000"], { cwd });
  expect((await runCli(["status"], { cwd })).stdout).not.toContain("llm-batch resume");
});

test("the commands that a stopped run names work one after the other", async () => {
  const cwd = tempFolder();
  const prompts = writePrompts(cwd, 3);
  const args = ["run", "prompts.jsonl", "--provider", "sim", "-c", "1", "-o", "results.jsonl"];
  const { stderr } = await runCli([...args, "--max-total-tokens", "1"], { cwd });
  const named = stderr.match(/^ {4}llm-batch .*$/gm)!.map((line) => line.replace("MORE", "1_000"));
  expect(named).toHaveLength(2);
  for (const line of named) expect((await runCli(splitWords(line).slice(1), { cwd })).code).toBe(0);
  expect(readResults(cwd)).toHaveLength(prompts.length);
});

test("commands that are named go to the database that was named", async () => {
  const cwd = tempFolder();
  writePrompts(cwd, 3);
  const db = ["--db", "my jobs.db"];
  const simulator = await simulate(["fault", "401"]);
  const stopped = await runCli(["run", "prompts.jsonl", ...at(simulator), ...db, "-o", "out.jsonl"], {
    cwd,
  });
  const named = (text: string): string[] => text.match(/^ +llm-batch .*/gm)!;
  const status = async (): Promise<string> => (await runCli(["status", ...db], { cwd })).stdout;
  const refused = await status();
  for (const text of [stopped.stderr, refused])
    expect(text).toMatch(/^ {2}when the key or the account is mended, go on:\n {4}llm-batch resume /m);
  await runCli(["breaker", "open", ...db], { cwd });
  const commands = [stopped.stderr, refused, await status()].flatMap(named);
  expect(commands.map((line) => / (export|breaker reset|resume) /.exec(line)![1])).toEqual([
    "export",
    "resume",
    "resume",
    "breaker reset",
    "resume",
  ]);
  expect(commands.filter((line) => !line.endsWith(" --db 'my jobs.db'"))).toEqual([]);
  const reset = splitWords(commands.find((line) => line.includes("breaker reset"))!).slice(1);
  expect((await runCli(reset, { cwd })).stdout).toMatch(/ closed /);
});

test("commands that are named take the file with the key along", async () => {
  const cwd = tempFolder();
  writePrompts(cwd, 2);
  writeFileSync(join(cwd, "my keys"), "MY_KEY=sk-1\n");
  const args = ["run", "prompts.jsonl", ...at(await simulate()), "--api-key-env", "MY_KEY"];
  const keys = ["--env-file", "my keys"];
  const stopped = await runCli([...args, ...keys, "-c", "1", "--max-total-tokens", "1"], { cwd });
  const resume = /llm-batch resume .*/.exec(stopped.stderr)![0].replace("MORE", "1_000");
  const { code, stderr } = await runCli(splitWords(resume).slice(1), { cwd });
  expect(stderr).toContain("2 of 2 succeeded");
  expect(code).toBe(0);
});

test.each(["--help", "-q", "of $HOME"])(
  "the command that shows a failed row takes its id: %s",
  async (id) => {
    const cwd = tempFolder();
    writeFileSync(join(cwd, "prompts.jsonl"), JSON.stringify({ id, prompt: "hi" }));
    const args = ["run", "prompts.jsonl", ...at(await simulate(["fault", "400"])), "--db", "my jobs.db"];
    const { stderr } = await runCli(args, { cwd });
    const [show] = /llm-batch show .*/.exec(stderr)!;
    const { stdout } = await runCli(splitWords(show).slice(1), { cwd });
    expect(stdout.startsWith(`${id}: failed, `)).toBe(true);
  },
);

test("hints name commands that go to the database that was named, but for the help", async () => {
  const cwd = tempFolder();
  writePrompts(cwd, 3);
  const db = ["--db", "my jobs.db"];
  const hintOf = async (...args: string[]): Promise<string> =>
    /^hint: (.*)$/m.exec((await runCli([...args, ...db], { cwd })).stderr)![1]!;
  expect(await hintOf("resume")).toContain("`llm-batch run <input> --db 'my jobs.db'`");
  const args = ["run", "prompts.jsonl", "--provider", "sim", "--max-total-tokens", "1"];
  const { run } = lastLine((await runHere([...args, ...db, "--json"], { cwd })).stdout);
  expect(await hintOf("export", "-o", "out.jsonl")).toBe(
    `finish it with \`llm-batch resume ${run} --db 'my jobs.db'\`, or take what is there: ` +
      `\`llm-batch export ${run} --partial -o partial-out.jsonl --db 'my jobs.db'\``,
  );
  writePrompts(cwd, 4);
  expect(await hintOf(...args)).toContain(`\`llm-batch resume ${run} --db 'my jobs.db'\``);
  expect(await hintOf("show", run, "--no-such-flag")).not.toContain("--db");
  expect(await hintOf("status", "r_unknown1")).toContain("`llm-batch runs --db 'my jobs.db'`");
});

describe("the hint of a refusal names what was named", () => {
  const env = { LLM_BATCH_PROVIDER: "sim" };
  const cwd = mkdtempSync(join(tmpdir(), "llm-batch-told-"));
  beforeAll(async () => {
    writePrompts(cwd, 1);
    mkdirSync(join(cwd, "a folder"));
    writeFileSync(join(cwd, "cut off.jsonl.gz"), gzipSync("{}\n").subarray(0, 12));
    writeFileSync(join(cwd, "of windows.jsonl"), Buffer.from("\ufeff{}\n", "utf16le"));
    await runHere(["run", "prompts.jsonl", "--detach"], { cwd, env });
  });
  afterAll(() => rmSync(cwd, { recursive: true }));

  test.each([
    ["run 'no folder/in.jsonl' --db 'no folder/x.db'", "mkdir -p 'no folder'"],
    ["run prompts.jsonl -o 'no folder/out.jsonl'", "mkdir -p 'no folder'"],
    ["run 'a folder'", "'a folder'/*.jsonl"],
    ["run 'cut off.jsonl.gz'", "gzip -t 'cut off.jsonl.gz'"],
    ["run 'of windows.jsonl'", "iconv -f UTF-16 -t UTF-8 'of windows.jsonl' > utf8-file"],
    ["export -o 'my results.csv'", "--partial -o 'partial-my results.csv'`"],
    ["export --partial -o 'no folder/out.csv'", "mkdir -p 'no folder'"],
    ["report -o 'no folder/report.html'", "mkdir -p 'no folder'"],
  ])("the hint of %s has %s", async (line, part) => {
    const { stderr } = await runHere(splitWords(line), { cwd, env });
    expect(stderr.slice(stderr.indexOf("hint: "))).toContain(part);
  });
});
