import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli, tempFolder } from "../helpers/cli.ts";
import { writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";
import { at, simulate } from "../helpers/simulate.ts";
import { BIN } from "../helpers/start-cli.ts";

test("a setting that the simulator doesn't have is refused before a run is made", async () => {
  const cwd = tempFolder();
  writePrompts(cwd, 1);
  const args = ["run", "prompts.jsonl", "--provider", "sim"];
  const refused = await runCli([...args, "--sim", "rmp=60"], { cwd });
  expect(refused.stderr).toMatch(/^BAD_OPTION: .*"rmp"\nhint: did you mean rpm\?/);
  expect(refused.code).toBe(2);
  const { stderr } = await runCli(args, { cwd });
  expect(stderr).toMatch(/^r_\w+: 1 row from prompts\.jsonl$/m);
});

test("prices from a pipe, which no resume could read again, are refused before a run is made", async () => {
  const cwd = tempFolder();
  writePrompts(cwd, 2);
  spawnSync("sh", ["-c", "mkfifo pipe"], { cwd });
  const args = ["run", "prompts.jsonl", ...at(await simulate()), "--price-file", "pipe"];
  const { code, stderr } = await runCli(args, { cwd });
  expect(code).toBe(2);
  expect(stderr).toMatch(/^BAD_PRICE_FILE: pipe: is a pipe.*\nhint: .*file/);
});

test("a price file that is wrong is told before a run is made, and ends a resume", async () => {
  const cwd = tempFolder();
  writePrompts(cwd, 3);
  writeFileSync(join(cwd, "prices.yaml"), "{");
  const prices = ["--price-file", "prices.yaml"];
  const args = ["run", "prompts.jsonl", "--provider", "sim", "--max-total-tokens", "1"];
  const refused = await runCli([...args, ...prices], { cwd });
  expect(refused.stderr).toMatch(/^BAD_PRICE_FILE: prices\.yaml:/);
  expect((await runHere(["runs", "--json"], { cwd })).stdout).not.toMatch(/"run":/);
  await runHere(args, { cwd });
  const resumed = await runCli(["resume", ...prices], { cwd });
  expect(resumed.stderr).toMatch(/^BAD_PRICE_FILE: prices\.yaml:/m);
  expect(resumed.code).toBe(2);
});

test("an id that stands in two inputs is told with their names", async () => {
  const cwd = tempFolder();
  for (const name of ["a.jsonl", "b.jsonl"]) writeFileSync(join(cwd, name), '{"id":"q","prompt":"Hello"}\n');
  const { stderr } = await runCli(["run", "a.jsonl", "b.jsonl", "--provider", "sim"], { cwd });
  expect(stderr).toMatch(
    /^DUPLICATE_ID: the id "q" stands on line 1 of a\.jsonl and again on line 1 of b\.jsonl\n/,
  );
});

test.each(["resume", "cancel", "retry", "rm r_x", "breaker reset", "work --exit-when-idle"])(
  "%s makes no new database",
  async (line) => {
    const cwd = tempFolder();
    const { code, stderr } = await runHere([...line.split(" "), "--db", "typo.db"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^DB_NOT_FOUND: typo\.db|^DB_NOT_FOUND: .*typo\.db/);
    expect(existsSync(join(cwd, "typo.db"))).toBe(false);
  },
);

test("a working folder that is gone is no bug", () => {
  const line = `mkdir gone && cd gone && rmdir ../gone && exec '${process.execPath}' '${BIN}' status`;
  const { status, stderr } = spawnSync("sh", ["-c", line], { cwd: tempFolder(), encoding: "utf8" });
  expect(status).toBe(2);
  expect(stderr).toMatch(/^USAGE: the working folder .*\nhint: /m);
});

test("help and version go to stdout and exit 0", async () => {
  const cwd = tempFolder();
  const help = await runCli(["--help"], { cwd });
  expect(help.code).toBe(0);
  expect(help.stdout).toContain("Usage: llm-batch");
  expect((await runCli(["run", "--help"], { cwd })).stdout).toContain("--rpm <n|auto>");
  expect((await runCli(["--version"], { cwd })).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test.each([[["no-such-command"]], [["run"]], [["show", "r_x"]], [["status", "--watsh"]]])(
  "wrong usage %j exits 2 with a hint",
  async (args) => {
    const { code, stderr } = await runCli(args, { cwd: tempFolder() });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^USAGE: .+\nhint: .+/);
  },
);

test.each([
  [["breaker", "shut"], /^USAGE: 'shut' is no action\. Allowed choices are show, open, close, reset\.\n/],
  [["help", "bogus"], /^USAGE: there is no such command to help with\n/],
  [["completion", "tcsh"], /^USAGE: 'tcsh' is no shell\. Allowed choices are bash, zsh, fish\.\n/],
  [["resume", "--max-request-tokens", "5"], /^USAGE: unknown option '--max-request-tokens'\n/],
  [
    ["run", "a.jsonl", "--dry-run"],
    /^USAGE: unknown option '--dry-run'\nhint: `llm-batch plan`.* --preview N/,
  ],
  [["run", "a.jsonl", "--api-key=sk-123"], /^USAGE: unknown option '--api-key': no flag takes a key\n/],
  [["run", "a.jsonl", "--api-key", "sk-123"], /^USAGE: unknown option '--api-key': no flag takes a key\n/],
])("wrong usage %j says what is wrong in plain words", async (args, says) => {
  const { stderr } = await runCli(args, { cwd: tempFolder() });
  expect(stderr).toMatch(says);
  expect(stderr).not.toContain("sk-123");
});

test("a hint is of the command that was meant, whatever stands before it", async () => {
  const { stderr } = await runCli(["--db", "a.db", "report"], { cwd: tempFolder() });
  expect(stderr).toContain("hint: e.g. `llm-batch report -o report.html`; see `llm-batch report --help`");
  const ofAll = await runCli(["run", "prompts.jsonl", "--db"], { cwd: tempFolder() });
  expect(ofAll.stderr).toMatch(/^USAGE: option '--db .*\nhint: see `llm-batch --help`\n$/);
});
