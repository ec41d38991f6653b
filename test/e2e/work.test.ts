import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { runCli, type Started, startCli, tempFolder } from "../helpers/cli.ts";
import { startOwnPostgres } from "../helpers/postgres-server.ts";
import { readResults, writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";
import { at, simulate } from "../helpers/simulate.ts";

const SLOTS = 8;
const ROWS = 240;
const PASSWORD = "s3cret-of-the-database";
const server = await startOwnPostgres();
afterAll(() => server?.close());

let schemas = 0;
/** The address of a database of the test's own, with a password that the server doesn't ask for. */
function freshDatabase(): string {
  schemas += 1;
  const url = new URL(server!.url);
  url.password = PASSWORD;
  url.searchParams.set("schema", `work_${process.pid}_${schemas}`);
  return url.href;
}

async function detached(cwd: string, rows = ROWS) {
  const prompts = writePrompts(cwd, rows);
  const simulator = await simulate(["answer", "echo"], ["latency", "uniform:20ms-60ms"]);
  const env = { LLM_BATCH_DB: freshDatabase() };
  const cli = (...args: string[]) => runCli(args, { cwd, env });
  const imported = await runHere(["run", "prompts.jsonl", ...at(simulator), "--detach"], { cwd, env });
  expect(imported.code).toBe(0);
  expect(simulator.stats().calls).toBe(0);
  const worker = () => startCli(["work", "--exit-when-idle", "-c", String(SLOTS)], { cwd, env });
  const callsReach = (count: number) =>
    vi.waitUntil(() => simulator.stats().calls >= count, { timeout: 20_000 });
  const here = (...args: string[]) => runHere(args, { cwd, env });
  return { prompts, simulator, cli, here, worker, callsReach };
}

async function expectEachOnce(
  cwd: string,
  here: (...args: string[]) => ReturnType<typeof runHere>,
  prompts: string[],
) {
  expect((await here("export", "-o", "results.jsonl")).code).toBe(0);
  expect(readResults(cwd).map(({ output }) => output)).toEqual(prompts);
  expect((await here("doctor", "--offline")).stdout).not.toMatch(/^failed/m);
}

const exitsOf = (workers: readonly Started[]) =>
  Promise.all(workers.map(async ({ ended }) => (await ended).code));

describe.skipIf(server === null)("workers on one PostgreSQL database", () => {
  test("share a run; one that is killed loses nothing, doubles nothing, and repeats what it had in flight", async () => {
    const cwd = tempFolder();
    const { prompts, simulator, here, worker, callsReach } = await detached(cwd);
    const workers = [worker(), worker()];
    const victim = worker();
    await callsReach(100);
    victim.process.kill("SIGKILL");
    expect(await exitsOf(workers)).toEqual([0, 0]);
    await expectEachOnce(cwd, here, prompts);
    expect(simulator.stats().calls).toBeLessThanOrEqual(ROWS + SLOTS);
  }, 60_000);

  test("may start before the first run", async () => {
    const cwd = tempFolder();
    const env = { LLM_BATCH_DB: freshDatabase() };
    expect(await runCli(["work", "--exit-when-idle"], { cwd, env })).toMatchObject({ code: 0, stderr: "" });
    expect(await runCli(["runs"], { cwd, env })).toMatchObject({ code: 0 });
  });

  test("hand their work back at SIGTERM", async () => {
    const cwd = tempFolder();
    const { prompts, simulator, here, worker, callsReach } = await detached(cwd);
    const first = worker();
    await callsReach(50);
    first.process.kill("SIGTERM");
    expect((await first.ended).code).toBe(143);
    const { jobs } = JSON.parse((await here("status", "--json")).stdout);
    expect(jobs.running).toBe(0);
    expect(jobs.succeeded).toBe(simulator.stats().calls);
    expect(await exitsOf([worker()])).toEqual([0]);
    await expectEachOnce(cwd, here, prompts);
    expect(simulator.stats().calls).toBe(ROWS);
  }, 60_000);

  test("go on by themselves when the server was restarted under them", async () => {
    const cwd = tempFolder();
    const { prompts, simulator, here, worker, callsReach } = await detached(cwd);
    const workers = [worker(), worker()];
    await callsReach(100);
    await server!.control.stop("immediate");
    await server!.control.start();
    expect(await exitsOf(workers)).toEqual([0, 0]);
    await expectEachOnce(cwd, here, prompts);
    expect(simulator.stats().calls).toBeLessThanOrEqual(ROWS + workers.length * SLOTS);
  }, 60_000);

  test("the password reaches no output and no file", async () => {
    const cwd = tempFolder();
    const { cli, worker } = await detached(cwd, 10);
    const said = [await worker().ended];
    for (const args of [
      ["status"],
      ["runs", "--json"],
      ["doctor", "--offline"],
      ["show", "r_nowhere", "x"],
    ]) {
      said.push(await cli(...args, "-v"));
    }
    said.push(
      await runCli(["status", "--db", `postgres://u:${PASSWORD}@127.0.0.1:1/db?connect_timeout=1`], { cwd }),
    );
    for (const { stdout, stderr } of said) expect(stdout + stderr).not.toContain(PASSWORD);
    const files = readdirSync(cwd).filter((name) => statSync(join(cwd, name)).isFile());
    for (const name of files) expect(readFileSync(join(cwd, name), "utf8"), name).not.toContain(PASSWORD);
  }, 60_000);
});
