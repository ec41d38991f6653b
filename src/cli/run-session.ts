import { drainRun } from "../app/drain-run.ts";
import { writeRunOutput } from "../app/write-results.ts";
import type { RunOptions } from "../config/run-options.ts";
import { ExitCode, LlmBatchError } from "../domain/errors.ts";
import type { Run } from "../domain/run.ts";
import { type RunStatus, runStatus } from "../observe/status.ts";
import type { Store } from "../ports/store.ts";
import type { DrainEnd } from "../scheduler/drain.ts";
import { StopSwitch } from "../scheduler/stop.ts";
import type { Invocation } from "./context.ts";
import { startProgress } from "./progress/progress.ts";
import { stopOnSignals } from "./signals.ts";
import { printSummary } from "./summary.ts";

/** Drains a run in sight of the user: progress, signals, results, summary. What `run`, `resume` and `retry` end in. */
export async function runSession(
  invocation: Invocation,
  store: Store,
  run: Run,
  options: RunOptions,
): Promise<ExitCode> {
  const { context, globals } = invocation;
  const end = await drainInSight(invocation, store, run, options);
  const status = await runStatus(store, await reload(store, run), false);
  const output =
    end === null && run.output !== null ? await writeOutput(invocation, store, run, options) : null;
  if (globals.json) context.stdout.write(`${JSON.stringify(status)}\n`);
  if (!globals.quiet) printSummary({ status, end, output, wanted: run.output, context });
  return exitCode(status, end);
}

async function drainInSight(
  { context, globals }: Invocation,
  store: Store,
  run: Run,
  options: RunOptions,
): Promise<DrainEnd> {
  const stop = new StopSwitch();
  const progress = startProgress({ context, globals, store, run });
  const restoreSignals = stopOnSignals(stop, (text) => progress.abandon(text));
  const { env, clock, random } = context;
  try {
    return await drainRun({
      store,
      run,
      options,
      env,
      clock,
      random,
      stop,
      observe: (event) => progress.see(event),
      onLanes: (lanes) => progress.watch(lanes),
    });
  } finally {
    restoreSignals();
    await progress.close();
  }
}

async function writeOutput(
  { context }: Invocation,
  store: Store,
  run: Run,
  options: RunOptions,
): Promise<string> {
  const { force, outputFormat: format } = options;
  const path = run.output!;
  await writeRunOutput(store, { run: await reload(store, run), path, stdout: context.stdout, format, force });
  return path;
}

async function reload(store: Store, run: Run): Promise<Run> {
  const found = await store.findRun({ id: run.id });
  if (found) return found;
  throw new LlmBatchError({
    code: "RUN_NOT_FOUND",
    message: `the run ${run.id} was deleted while it was worked on`,
    hint: "start it again with the same `llm-batch run` command",
    exitCode: ExitCode.stopped,
  });
}

function exitCode(status: RunStatus, end: DrainEnd): ExitCode {
  if (end) return end.exitCode;
  return status.jobs.failed > 0 ? ExitCode.rowsFailed : ExitCode.ok;
}
