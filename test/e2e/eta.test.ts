import { expect, test } from "vitest";
import type { RunStatus } from "../../src/observe/status.ts";
import { parseSomeSettings } from "../../src/simulator/parse-settings.ts";
import { startCli, tempFolder } from "../helpers/cli.ts";
import { writePrompts } from "../helpers/rows.ts";
import { runHere } from "../helpers/run-here.ts";
import { at, simulate } from "../helpers/simulate.ts";
import { openDatabase } from "../helpers/test-database.ts";

const ROWS = 4_000;
const COOLDOWN_S = 3_600;
/** By chance it is shorter, or longer. */
const LEAST_COOLDOWN_S = COOLDOWN_S / 2;

async function statusOf(cwd: string, until: (status: RunStatus) => boolean): Promise<RunStatus> {
  for (;;) {
    const { code, stdout } = await runHere(["status", "--json"], { cwd });
    if (code !== 0) continue;
    const status = JSON.parse(stdout) as RunStatus;
    if (until(status)) return status;
  }
}

/** What the rows that are left take at the pace that was put on record last. */
async function flowingSeconds(cwd: string, { jobs }: RunStatus): Promise<number> {
  const store = await openDatabase(cwd);
  const { pace } = await store.figures((await store.findRun("latest"))!.id);
  await store.close();
  return ((jobs.pending + jobs.running) * 60) / pace!.rowsPerMinute;
}

test("the ETA counts from the next probe of an open breaker, and a stop takes nothing from the pace", async () => {
  const cwd = tempFolder();
  writePrompts(cwd, ROWS);
  const simulator = await simulate(["latency", "100ms"]);
  const flags = ["-c", "4", "--breaker-cooldown", `${COOLDOWN_S}s`, "--backoff-base", "10ms"];
  const run = startCli(["run", "prompts.jsonl", ...at(simulator), ...flags], { cwd });
  const flowing = await statusOf(cwd, ({ eta_seconds: eta }) => eta !== null);
  expect(flowing.eta_seconds).toBeLessThan(LEAST_COOLDOWN_S);

  simulator.control({ outage: 503 });
  const down = await statusOf(cwd, ({ breaker }) => breaker[0]?.state === "open");
  expect(down.eta_seconds).toBeGreaterThan(LEAST_COOLDOWN_S);
  run.process.kill("SIGKILL");
  await run.ended;

  simulator.control({
    outage: "end",
    settings: parseSomeSettings([["fault", "hang"]]),
  });
  expect(await runHere(["breaker", "reset"], { cwd })).toMatchObject({ code: 0 });
  const again = startCli(["resume"], { cwd });
  const resumed = await statusOf(cwd, ({ state, jobs }) => state === "running" && jobs.running > 0);
  expect(resumed.eta_seconds).toBe(Math.round(await flowingSeconds(cwd, resumed)));
  again.process.kill("SIGKILL");
  await again.ended;
}, 60_000);
