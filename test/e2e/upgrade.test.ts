import {
  chmodSync,
  copyFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli, startCli, tempFolder } from "../helpers/cli.ts";
import { parseResults, type ResultLine, writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";
import { at, simulate } from "../helpers/simulate.ts";

const PACKAGE = join(import.meta.dirname, "../..");
const FIXTURES = join(PACKAGE, "fixtures/databases");

/** The program, installed where it can be replaced. */
function installed(): string {
  const folder = tempFolder();
  for (const part of ["bin", "dist", "package.json"])
    cpSync(join(PACKAGE, part), join(folder, part), { recursive: true });
  symlinkSync(join(PACKAGE, "node_modules"), join(folder, "node_modules"));
  return folder;
}

/** A folder with the job table that the first release left there. */
function oldFolder(): string {
  const cwd = tempFolder();
  copyFileSync(join(FIXTURES, "v1.db"), join(cwd, "llm-batch.db"));
  return cwd;
}

async function runs(cwd: string): Promise<{ id: string; state: string; input: string }[]> {
  const { stdout } = await runHere(["runs", "--json"], { cwd });
  return JSON.parse(stdout).map(({ run, ...rest }: { run: string }) => ({ id: run, ...rest }));
}

async function exported(cwd: string, run: string): Promise<ResultLine[]> {
  const { code, stdout, stderr } = await runCli(["export", run, "--partial", "-o", "-"], { cwd });
  expect(code, stderr).toBe(0);
  return parseResults(stdout);
}

test("an unfinished run of the first release is resumed to its end, and what was there is as it was", async () => {
  const cwd = oldFolder();
  const tooOld = await runCli(["status"], { cwd });
  expect(tooOld).toMatchObject({ code: 2, stderr: expect.stringContaining("SCHEMA_TOO_OLD") });

  const resumed = await runCli(["resume", "--backoff-base", "10ms"], { cwd });
  expect(resumed.stderr).toContain("12 of 13 succeeded, 1 failed");
  expect(resumed.code).toBe(3);

  const [sums, questions, prompts] = await runs(cwd);
  const rows = await exported(cwd, sums!.id);
  expect(rows.map(({ id }) => id).slice(0, 4)).toEqual(["row-1", "row-2", "given-3", "row-4"]);
  for (const { status, output, input } of rows.slice(0, 12))
    expect([status, output]).toEqual(["succeeded", input.prompt]);
  expect(rows[12]).toMatchObject({ status: "failed" });
  const statuses = async (run: string) => (await exported(cwd, run)).map(({ status }) => status);
  const count = (all: readonly string[], wanted: string) => all.filter((status) => status === wanted).length;
  expect(count(await statuses(questions!.id), "cancelled")).toBe(5);
  expect(count(await statuses(prompts!.id), "succeeded")).toBe(19);

  const doctor = await runCli(["doctor", "--provider", "sim"], { cwd });
  expect(doctor.stdout + doctor.stderr).not.toMatch(/^(failed|warning)/m);
  expect(doctor.code).toBe(0);
}, 60_000);

test("the copy of a database that only its owner may read is for nobody else either", async () => {
  const cwd = oldFolder();
  chmodSync(join(cwd, "llm-batch.db"), 0o600);
  expect((await runCli(["resume", "--deadline", "1ms"], { cwd })).code).toBe(75);
  const copies = readdirSync(cwd).filter((name) => name.endsWith(".bak"));
  expect(copies.map((name) => statSync(join(cwd, name)).mode & 0o777)).toEqual([0o600]);
}, 60_000);

test("failed rows of the first release can be put back and sent again", async () => {
  const cwd = oldFolder();
  expect((await runHere(["resume", "--deadline", "1ms"], { cwd })).code).toBe(75);
  const [, , prompts] = await runs(cwd);
  const retried = await runCli(["retry", prompts!.id, "--no-drain"], { cwd });
  expect(retried.code, retried.stderr).toBe(0);
  const [first] = await exported(cwd, prompts!.id);
  expect(first).toMatchObject({ status: "pending", output: null });
}, 60_000);

test.each([
  ["csv", "id,"],
  ["parquet", "PAR1"],
])("a run whose program is replaced under it still writes its results as %s", async (ending, start) => {
  const cwd = tempFolder();
  const folder = installed();
  writePrompts(cwd, 10);
  const simulator = await simulate(["latency", "100ms"]);
  const output = `results.${ending}`;
  const args = ["run", "prompts.jsonl", ...at(simulator), "-c", "1", "-o", output];
  const run = startCli(args, { cwd, bin: join(folder, "bin/llm-batch.js") });
  await expect.poll(() => simulator.stats().calls, { timeout: 20_000 }).toBeGreaterThan(0);
  rmSync(join(folder, "dist"), { recursive: true });
  const { code, stderr } = await run.ended;
  expect(code, stderr).toBe(0);
  expect(readFileSync(join(cwd, output), "latin1").startsWith(start)).toBe(true);
});
