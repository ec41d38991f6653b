import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { runCli, tempFolder } from "../helpers/cli.ts";
import { runHere } from "../helpers/run-here.ts";

test("what init writes runs as it is", async () => {
  const cwd = tempFolder();
  expect((await runCli(["init", "demo"], { cwd })).code).toBe(0);
  const ran = await runCli(["run", "prompts.jsonl", "-o", "-"], { cwd: join(cwd, "demo") });
  expect(ran.code).toBe(0);
  const ids = ran.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).id);
  expect(ids).toEqual(["capital", "haiku", "translate"]);
});

test.each([
  [[], "jobs.db", "try it: llm-batch run prompts.jsonl --db jobs.db"],
  [["my demo"], "jobs.db", "try it: cd 'my demo' && llm-batch run prompts.jsonl --db ../jobs.db"],
  [["demo"], "/jobs.db", "try it: cd demo && llm-batch run prompts.jsonl --db /jobs.db"],
  [
    ["demo"],
    "postgres://me@host/jobs",
    "try it: cd demo && llm-batch run prompts.jsonl --db postgres://me@host/jobs",
  ],
])("init %j of who names the database %s says how to run it there", async (folder, db, said) => {
  const { stderr } = await runCli(["init", ...folder, "--db", db], { cwd: tempFolder() });
  expect(stderr.split("\n")).toContain(said);
});

test("every setting in the config can be uncommented", async () => {
  const cwd = tempFolder();
  await runHere(["init"], { cwd });
  const text = readFileSync(join(cwd, "llm-batch.yaml"), "utf8");
  const uncommented = text.replace(/^# (?=[a-z0-9-]+: )/gm, "");
  const settings = Object.keys(parse(uncommented));
  const help = (await runCli(["run", "--help"], { cwd })).stdout;
  expect(settings.length).toBeGreaterThan(40);
  for (const name of settings) expect(help).toContain(`--${name}`);
});

test("init never replaces a file", async () => {
  const cwd = tempFolder();
  writeFileSync(join(cwd, "prompts.jsonl"), "mine");
  const { code, stderr } = await runCli(["init"], { cwd });
  expect(code).toBe(2);
  expect(stderr).toContain("OUTPUT_EXISTS: prompts.jsonl: is there already");
  expect(readFileSync(join(cwd, "prompts.jsonl"), "utf8")).toBe("mine");
});

test("init says that a file is in the place of its folder", async () => {
  const cwd = tempFolder();
  writeFileSync(join(cwd, "demo"), "mine");
  const { code, stderr } = await runCli(["init", "demo"], { cwd });
  expect(code).toBe(2);
  expect(stderr).toMatch(/^OUTPUT_UNWRITABLE: demo\/prompts\.jsonl: .*the folder demo can't be made\nhint: /);
});
