import { writeRunOutput } from "../app/write-results.ts";
import type { RunOptions } from "../config/run-options.ts";
import { ExitCode, LlmBatchError, tooManyFiles } from "../domain/errors.ts";
import type { Run } from "../domain/run.ts";
import type { EventBody } from "../observe/events/event.ts";
import { lookAt, type RunStatus, runStatus } from "../observe/status.ts";
import type { Store } from "../ports/store.ts";
import type { DrainEnd } from "../scheduler/drain.ts";
import type { Invocation } from "./context.ts";
import { drainInSight, type Telling } from "./drain-in-sight.ts";
import { exitCodeOf } from "./errors.ts";
import { openEvents } from "./open-events.ts";
import { type Metrics, openMetrics } from "./open-metrics.ts";
import { printLines, windowOf } from "./print-lines.ts";
import { tellOfStorage } from "./storage-notes.ts";
import { summaryLines } from "./summary/summary.ts";
import { workOf } from "./summary/work.ts";
import { onDatabase } from "./text/command-line.ts";
import { Voice } from "./voice.ts";

/**
 * Drains a run in sight of the user: progress, signals, results, summary. What `run`, `resume` and `retry` end in. Its
 * metrics are served until all of that is done, so that their last figures are seen.
 */
export async function runSession(
  invocation: Invocation,
  store: Store,
  run: Run,
  options: RunOptions,
): Promise<ExitCode> {
  const metrics = await openMetrics(invocation, store, run, options.metricsPort);
  try {
    return await session(invocation, store, run, options, metrics);
  } finally {
    await metrics?.close();
  }
}

async function session(
  invocation: Invocation,
  store: Store,
  run: Run,
  options: RunOptions,
  metrics: Metrics | null,
): Promise<ExitCode> {
  const { context, globals } = invocation;
  const voice = new Voice(context.stderr);
  const log = openEvents(invocation, run, voice);
  await store.setDurability(options.durability);
  tellOfStorage(invocation, options);
  const before = await runStatus(store, run, true);
  const startedAt = context.clock.now();
  log.write({ type: "run_started", input: before.input, jobs: before.jobs });
  const end = await drainLogged(invocation, store, run, options, { log, voice, metrics });
  const look = await lookAt(store, await reload(store, run), false);
  const work = workOf(before, look, context.clock.now() - startedAt);
  const { status } = look;
  const { written, failure } = end ? NOTHING_WRITTEN : await tryToWrite(invocation, store, run, options);
  log.write(lastEvent(status, end, failure ? exitCodeOf(failure) : exitCode(status, end)));
  await log.close();
  if (globals.json) context.stdout.write(`${JSON.stringify(status)}\n`);
  if (!globals.quiet) {
    const summary = { status, work, end, output: written, wanted: run.output, db: globals.dbFlag };
    printLines(context.stderr, summaryLines(summary, windowOf(context.stderr)), context, globals);
  }
  if (failure) throw failure;
  if (end?.code === "TOO_MANY_FILES") throw tooManyFiles();
  return exitCode(status, end);
}

/** Tells the log of an end by an error. */
async function drainLogged(
  invocation: Invocation,
  store: Store,
  run: Run,
  options: RunOptions,
  telling: Telling,
): Promise<DrainEnd> {
  const { log } = telling;
  try {
    return await drainInSight(invocation, store, run, options, telling);
  } catch (error) {
    const code = error instanceof LlmBatchError ? error.code : "BUG";
    log.write({ type: "run_stopped", code, exit_code: exitCodeOf(error), jobs: null });
    await log.close();
    throw error;
  }
}

function lastEvent({ jobs }: RunStatus, end: DrainEnd, code: ExitCode): EventBody {
  if (end) return { type: "run_stopped", code: end.code, exit_code: code, jobs };
  return { type: "run_finished", exit_code: code, jobs };
}

interface Written {
  /** The file that was written; null where none was. */
  written: string | null;
  failure: unknown;
}

const NOTHING_WRITTEN: Written = { written: null, failure: null };

/** The results are safe in the database: a file that can't be written is told after the summary. */
async function tryToWrite(
  { context, globals }: Invocation,
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
    return {
      written: null,
      failure: afterwards(error, onDatabase(`llm-batch export ${run.id} -o FILE`, globals.dbFlag)),
    };
  }
}

/** Everything was sent, so this is no usage error: the results wait to be exported. */
function afterwards(error: unknown, command: string): unknown {
  if (!(error instanceof LlmBatchError)) return error;
  const { code, message, hint } = error;
  return new LlmBatchError({
    code,
    message,
    hint: `${hint}; the results are safe, and written by: ${command}`,
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
