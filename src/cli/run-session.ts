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
  const { written, failure } = end ? NOTHING_WRITTEN : await tryToWrite(invocation, store, run, options);
  if (globals.json) context.stdout.write(`${JSON.stringify(status)}\n`);
  if (!globals.quiet) printSummary({ status, end, output: written, wanted: run.output, context });
  if (failure) throw failure;
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

interface Written {
  /** The file that was written; null where none was. */
  written: string | null;
  failure: unknown;
}

const NOTHING_WRITTEN: Written = { written: null, failure: null };

/** The results are safe in the database: a file that can't be written is told after the summary. */
async function tryToWrite(
  { context }: Invocation,
  store: Store,
  run: Run,
  options: RunOptions,
): Promise<Written> {
  const { force, outputFormat: format } = options;
  const path = run.output;
  if (path === null) return NOTHING_WRITTEN;
  try {
    await writeRunOutput(store, {
      run: await reload(store, run),
      path,
      stdout: context.stdout,
      format,
      force,
    });
    return { written: path, failure: null };
  } catch (error) {
    return { written: null, failure: afterwards(error, run.id) };
  }
}

/** Everything was sent, so this is no usage error: the results wait to be exported. */
function afterwards(error: unknown, run: string): unknown {
  if (!(error instanceof LlmBatchError)) return error;
  const { code, message, hint } = error;
  return new LlmBatchError({
    code,
    message,
    hint: `${hint}; the results are safe, and written by: llm-batch export ${run} -o FILE`,
    exitCode: ExitCode.stopped,
    cause: error,
  });
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
  return status.jobs.failed + status.jobs.cancelled > 0 ? ExitCode.rowsFailed : ExitCode.ok;
}
