import { parseSimulatorSettings } from "../../../src/simulator/parse-settings.ts";
import { type Simulator, startSimulator } from "../../../src/simulator/simulator.ts";
import { systemClock } from "../../../src/system/clock.ts";
import { parseResults } from "../../helpers/rows.ts";
import { type Ended, runCli } from "../../helpers/start-cli.ts";
import { snapshot } from "../job-table.ts";
import type { Ledger } from "../ledger.ts";

/** A provider that answers with the prompt, so that an answer at the wrong row is seen. */
export function startProvider(...settings: [name: string, value: string][]): Promise<Simulator> {
  return startSimulator(parseSimulatorSettings([["answer", "echo"], ...settings]), { clock: systemClock });
}

/** `run` of the staged prompts; calls of each process at once are bounded by `concurrency`. */
export function runArgs(simulator: Simulator, concurrency: number): string[] {
  return ["run", "prompts.jsonl", "--base-url", simulator.url, "-m", "sim-1", "-c", String(concurrency)];
}

/** Runs a command that prepares a stage. */
export async function prepare(args: readonly string[], cwd: string, code: number): Promise<void> {
  const ended = await runCli(args, { cwd });
  if (ended.code !== code) throw new Error(`${args.join(" ")} ended with ${ended.code}: ${ended.stderr}`);
}

/** How long something takes on this machine just now. */
export async function millisecondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = systemClock.now();
  await work();
  return systemClock.now() - start;
}

/** A stretch from the process's start well into its work, however slow the machine is just now. */
export async function workingTime(cwd: string): Promise<{ from: number; to: number }> {
  const startMs = await millisecondsOf(() => runCli(["status"], { cwd }));
  return { from: startMs / 2, to: 2 * startMs + 500 };
}

export function isFinished({ code }: Ended): boolean {
  return code === 0;
}

/** Checks the job table against itself and, at rest, the provider and what the commands say against it. */
export async function checkRun(cwd: string, ledger: Ledger, atRest: boolean): Promise<void> {
  const table = await snapshot(cwd, { atRest });
  if (table === null) return ledger.violation("the job table is gone");
  if (table.integrity !== "ok") ledger.violation(`integrity check: ${table.integrity}`);
  if (table.strayResults > 0)
    ledger.violation(`${table.strayResults} results of jobs that have not succeeded`);
  const counted = JSON.stringify(table.jobs);
  if (JSON.stringify(table.tallies) !== counted)
    ledger.violation(`jobs are ${counted}, tallies ${JSON.stringify(table.tallies)}`);
  if (!atRest) return;
  await ledger.balance();
  const [status, partial] = await Promise.all([
    runCli(["status", "--json"], { cwd }),
    runCli(["export", "--partial", "-o", "-"], { cwd }),
  ]);
  for (const { code, stderr } of [status, partial])
    if (code !== 0) return ledger.violation(`a command that reads ended with ${code}: ${stderr}`);
  const { total, ...jobs } = JSON.parse(status.stdout).jobs;
  const told = JSON.stringify({ ...table.jobs, ...jobs });
  if (told !== counted || total !== ledger.prompts.length)
    ledger.violation(`jobs are ${counted}, told ${told}`);
  ledger.checkRows(parseResults(partial.stdout), "after a kill");
}

/** Checks that the run is finished, and all of it right. */
export async function checkFinishedRun(cwd: string, ledger: Ledger): Promise<void> {
  await checkRun(cwd, ledger, true);
  const { code, stdout, stderr } = await runCli(["export", "-o", "-"], { cwd });
  if (code === 0) ledger.checkFinished(parseResults(stdout));
  else ledger.violation(`the end was no end: ${stderr}`);
}
