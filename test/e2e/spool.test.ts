import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { runCli, startCli, tempFolder } from "../helpers/cli.ts";
import { startOwnPostgres } from "../helpers/postgres-server.ts";
import { readResults, writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";
import { at, simulate } from "../helpers/simulate.ts";

const SLOTS = 8;
const ROWS = 60;
const PASSWORD = "s3cret-of-the-database";
const server = await startOwnPostgres();
afterAll(() => server?.close());

let schemas = 0;
type CutOff = Awaited<ReturnType<typeof cutOff>>;

/** A worker in mid-run whose server has gone, with a call in each slot whose answer it can't record. */
async function cutOff() {
  const cwd = tempFolder();
  const prompts = writePrompts(cwd, ROWS);
  const simulator = await simulate(["answer", "echo"], ["latency", "300ms"]);
  const url = new URL(server!.url);
  url.password = PASSWORD;
  schemas += 1;
  url.searchParams.set("schema", `spool_${process.pid}_${schemas}`);
  const env = { LLM_BATCH_DB: url.href };
  const cli = (...args: string[]) => runCli(args, { cwd, env });
  const imported = await runHere(["run", "prompts.jsonl", ...at(simulator), "--detach"], { cwd, env });
  expect(imported.code).toBe(0);
  const work = () => startCli(["work", "--exit-when-idle", "-c", String(SLOTS), "--json"], { cwd, env });
  const worker = work();
  await vi.waitUntil(() => simulator.stats().calls >= 2 * SLOTS, { timeout: 20_000 });
  await server!.control.stop("immediate");
  const spool = join(cwd, ".local/state/llm-batch/spool");
  return { cwd, prompts, simulator, cli, work, worker, spool };
}

const eventsOf = (stdout: string, type: string) =>
  stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .filter((event) => event.type === type);

async function expectKept({ worker, spool }: CutOff): Promise<void> {
  const kept = /^(\d) answers? (?:is|are) not on record yet: kept in .*spool, and recorded by/m;
  expect(Number(kept.exec((await worker.ended).stderr)?.[1])).toBe(SLOTS);
  for (const name of readdirSync(spool)) {
    expect(statSync(join(spool, name)).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(spool, name), "utf8")).not.toContain(PASSWORD);
  }
}

/** The next worker records what was kept, and no call is made twice. */
async function expectRecorded({ cwd, prompts, simulator, cli, work, spool }: CutOff): Promise<void> {
  const next = await work().ended;
  expect(next.code).toBe(0);
  const recovered = eventsOf(next.stdout, "recovered");
  expect(recovered).toMatchObject([{ late: 0 }]);
  expect(next.stderr).toContain(`${recovered[0].recorded} answers recorded that a process here`);
  expect(simulator.stats().calls).toBe(ROWS);
  expect(readdirSync(spool)).toEqual([]);
  expect((await cli("export", "-o", "results.jsonl")).code).toBe(0);
  expect(readResults(cwd).map(({ output }) => output)).toEqual(prompts);
  expect((await cli("doctor", "--offline")).stdout).not.toMatch(/^failed/m);
}

describe.skipIf(server === null)("a process that must end while the server is away", () => {
  test("lets calls in flight end, keeps their answers after a grace of seconds, and loses none", async () => {
    const run = await cutOff();
    run.worker.process.kill("SIGTERM");
    const { code, stdout } = await run.worker.ended;
    expect(code).toBe(75);
    expect(eventsOf(stdout, "spooled")).toHaveLength(SLOTS);
    await expectKept(run);
    await server!.control.start();
    await expectRecorded(run);
  }, 60_000);

  test("keeps the answers in hand at a second SIGTERM as well, at once", async () => {
    const run = await cutOff();
    await vi.waitUntil(() => run.simulator.stats().in_flight === 0, { timeout: 20_000 });
    run.worker.process.kill("SIGTERM");
    await expect.poll(() => eventsOf(run.worker.output().stdout, "stopping")).not.toHaveLength(0);
    // Of two in the same moment the later one says nothing.
    await vi.waitUntil(() => !run.worker.process.kill("SIGTERM"), { timeout: 20_000 });
    expect((await run.worker.ended).code).toBe(143);
    await expectKept(run);
    await server!.control.start();
    expect((await run.cli("retry", "--no-drain")).stderr).toMatch(
      /^\d answers recorded that a process here/m,
    );
    const { jobs } = JSON.parse((await run.cli("status", "--json")).stdout);
    expect(jobs.succeeded).toBe(run.simulator.stats().calls);
  }, 60_000);
});
