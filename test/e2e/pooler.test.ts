import { afterAll, describe, expect, test, vi } from "vitest";
import { runCli, startCli, tempFolder } from "../helpers/cli.ts";
import { hasPgbouncer, startPgbouncer } from "../helpers/pgbouncer.ts";
import { startOwnPostgres } from "../helpers/postgres-server.ts";
import { readResults, writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";
import { at, simulate } from "../helpers/simulate.ts";

const SLOTS = 8;
const ROWS = 160;
// Where all tests are skipped, no hook is run.
const server = hasPgbouncer() ? await startOwnPostgres() : null;
const pooler = server && (await startPgbouncer(server.url, "transaction"));
afterAll(async () => {
  await pooler?.close();
  await server?.close();
});

let schemas = 0;

async function detached() {
  const cwd = tempFolder();
  const prompts = writePrompts(cwd, ROWS);
  const simulator = await simulate(["answer", "echo"], ["latency", "uniform:20ms-60ms"]);
  const url = new URL(pooler!.url);
  schemas += 1;
  url.searchParams.set("schema", `pooled_${process.pid}_${schemas}`);
  const env = { LLM_BATCH_DB: url.href };
  const cli = (...args: string[]) => runCli(args, { cwd, env });
  expect((await cli("run", "prompts.jsonl", ...at(simulator), "--detach")).code).toBe(0);
  const worker = () => startCli(["work", "--exit-when-idle", "-c", String(SLOTS)], { cwd, env });
  const callsReach = (count: number) =>
    vi.waitUntil(() => simulator.stats().calls >= count, { timeout: 20_000 });
  const expectEachOnce = async () => {
    expect((await cli("export", "-o", "results.jsonl")).code).toBe(0);
    expect(readResults(cwd).map(({ output }) => output)).toEqual(prompts);
    expect((await cli("doctor", "--offline")).stdout).not.toMatch(/^failed/m);
  };
  return { simulator, worker, callsReach, expectEachOnce };
}

describe.skipIf(!pooler)(
  "workers behind pgbouncer in transaction mode, with fewer connections than they hold",
  () => {
    test("share a run, and go on by themselves when the server behind it was restarted", async () => {
      const { simulator, worker, callsReach, expectEachOnce } = await detached();
      const workers = [worker(), worker()];
      await callsReach(60);
      await server!.control.stop("immediate");
      await server!.control.start();
      for (const { ended } of workers) expect((await ended).code).toBe(0);
      await expectEachOnce();
      expect(simulator.stats().calls).toBeLessThanOrEqual(ROWS + workers.length * SLOTS);
    }, 60_000);

    // A quarter of a minute until the lease of the dead one has run out: `npm run test:postgres`.
    test.skipIf(process.env.LLM_BATCH_TEST_DB !== "postgres")(
      "take over from one that was killed, by its lease: nothing is lost or doubled",
      async () => {
        const { simulator, worker, callsReach, expectEachOnce } = await detached();
        const [victim, other] = [worker(), worker()];
        await callsReach(60);
        victim.process.kill("SIGKILL");
        expect((await other.ended).code).toBe(0);
        await expectEachOnce();
        expect(simulator.stats().calls).toBeLessThanOrEqual(ROWS + SLOTS);
      },
      60_000,
    );

    // Last, since it changes connections of the server that others would get.
    test("are told to say so where the pooler was said not to be there", async () => {
      const cwd = tempFolder();
      writePrompts(cwd, 1);
      const env = { LLM_BATCH_DB: `${pooler!.url}?schema=hidden_${process.pid}&pooler=none` };
      await runHere(["run", "prompts.jsonl", "--provider", "sim", "--detach"], { cwd, env });
      const { code, stderr } = await runCli(["status"], { cwd, env });
      expect(stderr).toMatch(/^DB_POOLED: .+\nhint: .*pooler=transaction/m);
      expect(code).toBe(2);
    });
  },
);
