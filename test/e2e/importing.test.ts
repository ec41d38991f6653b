import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { expect, onTestFinished, test, vi } from "vitest";
import { runCli, startCli, tempFolder } from "../helpers/cli.ts";
import { writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";
import { BIN } from "../helpers/start-cli.ts";
import { stopProcess } from "../helpers/stop-process.ts";
import { databaseFor, openDatabase } from "../helpers/test-database.ts";

/** Node 22 and later keep what they compiled among the temporary files. */
const NO_COMPILE_CACHE = { NODE_DISABLE_COMPILE_CACHE: "1" };

/** The id of a run whose rows are not all in yet; null while there is none, or no database. */
async function importingIn(cwd: string): Promise<string | null> {
  const store = await openDatabase(cwd).catch(() => null);
  const runs = (await store?.listRuns()) ?? [];
  await store?.close();
  return runs.find(({ state }) => state === "importing")?.id ?? null;
}

test("a run is importing while a living process imports it, and stopped when that has died", async () => {
  const cwd = tempFolder();
  writePrompts(cwd, 200_000);
  const importer = startCli(["run", "prompts.jsonl", "--provider", "sim", "--detach"], { cwd });
  const run = (await vi.waitUntil(() => importingIn(cwd), { timeout: 20_000, interval: 10 }))!;
  stopProcess(importer.process);
  const told = async (): Promise<unknown[]> => {
    const [ofAll] = JSON.parse((await runHere(["runs", "--json"], { cwd })).stdout);
    const ofIt = JSON.parse((await runHere(["status", run, "--json"], { cwd })).stdout);
    const { stdout } = await runHere(["status", run], { cwd });
    return [ofAll.state, ofAll.input, ofIt.state, ofIt.input, /^(\S+) (\w+): (\S+)/.exec(stdout)?.slice(1)];
  };
  expect((await runCli(["status"], { cwd })).stderr).toContain(`\`llm-batch status ${run}\``);
  const ofBoth = (state: string): string[] => [state, "prompts.jsonl", state, "prompts.jsonl"];
  expect(await told()).toEqual([...ofBoth("importing"), [run, "importing", "prompts.jsonl"]]);
  expect((await runHere(["runs"], { cwd })).stdout).toMatch(new RegExp(`^${run} +importing `, "m"));
  const watch = startCli(["status", run, "--watch", "--json"], { cwd });
  await vi.waitUntil(() => watch.output().stdout.includes("\n"), { timeout: 20_000 });
  importer.process.kill("SIGKILL");
  await importer.ended;
  const { code, stdout } = await watch.ended;
  const states = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).state);
  expect([code, states.at(0), states.at(-1)]).toEqual([0, "importing", "stopped"]);
  expect(await told()).toEqual([...ofBoth("stopped"), [run, "stopped", "prompts.jsonl"]]);
  expect((await runHere(["runs"], { cwd })).stdout).toMatch(new RegExp(`^${run} +stopped `, "m"));
  expect((await runHere(["status", run], { cwd })).stdout).toContain(
    "the same `llm-batch run …` starts it over",
  );
  const resumed = await runCli(["resume"], { cwd });
  expect([resumed.code, resumed.stderr]).toEqual([2, expect.stringContaining(`RUN_BEING_IMPORTED: ${run} `)]);
  expect(resumed.stderr).toContain("starts over with the same `llm-batch run` command");
});

test.each(["run", "plan"])(
  "%s of standard input that is interrupted leaves no copy of it",
  async (command) => {
    const cwd = tempFolder();
    const folder = tempFolder();
    const child = spawn(process.execPath, [BIN, command, "-", "--provider", "sim"], {
      cwd,
      env: { PATH: process.env.PATH, TMPDIR: folder, ...NO_COMPILE_CACHE, ...databaseFor(cwd) },
    });
    child.stdin.write('{"prompt":"Hello"}\n');
    const copied = (): boolean => readdirSync(folder, { recursive: true }).length > 1;
    await vi.waitUntil(copied, { timeout: 20_000, interval: 10 });
    child.kill("SIGINT");
    expect(await once(child, "close")).toEqual([130, null]);
    expect(readdirSync(folder)).toEqual([]);
  },
);

test.each([
  ["run", "SIGINT", 130],
  ["run", "SIGTERM", 143],
  ["plan", "SIGINT", 130],
] as const)("%s of a pipe that nobody writes to ends at %s", async (command, signal, code) => {
  const cwd = tempFolder();
  const folder = tempFolder();
  spawnSync("sh", ["-c", "mkfifo pipe"], { cwd });
  const args = [command, "pipe", "--format", "jsonl", "--provider", "sim"];
  const reader = startCli(args, { cwd, env: { TMPDIR: folder, ...NO_COMPILE_CACHE } });
  onTestFinished(() => void reader.process.kill("SIGKILL"));
  await vi.waitUntil(() => readdirSync(folder).length > 0, { timeout: 20_000, interval: 5 });
  reader.process.kill(signal);
  expect((await reader.ended).code).toBe(code);
  expect(readdirSync(folder)).toEqual([]);
});
