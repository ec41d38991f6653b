import { recordStop } from "../../app/record-stop.ts";
import { loadWriter, writeRunOutput } from "../../app/write-results.ts";
import type { RunOptions } from "../../config/run-options.ts";
import { ExitCode, LlmBatchError, tooManyFiles } from "../../domain/errors.ts";
import type { Run } from "../../domain/run.ts";
import { stopReason } from "../../domain/stop-reason.ts";
import type { EventBody } from "../../observe/events/event.ts";
import { lookAt, type RunStatus, runStatus } from "../../observe/status.ts";
import type { Store } from "../../ports/store.ts";
import type { DrainEnd } from "../../scheduler/finish.ts";
import type { Invocation } from "../context.ts";
import { exitCodeOf } from "../errors.ts";
import { type Summary, summaryLines } from "../summary/summary.ts";
import { workOf } from "../summary/work.ts";
import { printLines, windowOf } from "../text/print-lines.ts";
import { Voice } from "../voice.ts";
import { drainInSight, type Session, type Telling } from "./drain-in-sight.ts";
import { openEvents } from "./open-events.ts";
import { type Metrics, openMetrics } from "./open-metrics.ts";
import { tellOfStorage } from "./storage-notes.ts";

/**
 * Drains a run in sight of the user: progress, signals, results, summary. `run`, `resume` and `retry` end in this. Metrics are
 * served until all of it is done, so that their last figures are seen.
 */
export async function runSession(
  invocation: Invocation,
  store: Store,
  run: Run,
  options: RunOptions,
): Promise<ExitCode> {
  const metrics = await openMetrics(invocation, store, run, options.metricsPort);
  try {
    return await drainAndSumUp({ invocation, store, run, options }, metrics);
  } finally {
    await metrics?.close();
  }
}

async function drainAndSumUp(session: Session, metrics: Metrics | null): Promise<ExitCode> {
  const { invocation, store, run, options } = session;
  const { context } = invocation;
  const voice = new Voice(context.stderr);
  const log = openEvents(invocation, run, voice);
  await store.setDurability(options.durability);
  await loadWriter(run, options);
  tellOfStorage(invocation, options);
  const before = await runStatus(store, run, true);
  const startedAt = context.clock.now();
  log.write({ type: "run_started", input: before.input, jobs: before.jobs });
  const end = await drainLogged(session, { log, voice, metrics });
  const look = await lookAt(store, await reload(session), false);
  const work = workOf(before, look, context.clock.now() - startedAt);
  const { status } = look;
  const { written, failure } = end ? NOTHING_WRITTEN : await tryToWrite(session);
  log.write(lastEvent(status, end, failure ? exitCodeOf(failure) : exitCode(status, end)));
  await log.close();
  printEnd(session, { status, work, end, output: written });
  if (failure) throw failure;
  if (end?.code === "TOO_MANY_FILES") throw tooManyFiles();
  return exitCode(status, end);
}

/** The status as JSON to stdout, where it is asked for, and the summary to stderr. */
function printEnd(
  { invocation, run }: Session,
  ended: Pick<Summary, "status" | "work" | "end" | "output">,
): void {
  const { context, globals } = invocation;
  if (globals.json) context.stdout.write(`${JSON.stringify(ended.status)}\n`);
  if (globals.quiet) return;
  const summary = { ...ended, wanted: run.output, flags: globals.sameFlags };
  printLines(context.stderr, summaryLines(summary, windowOf(context.stderr)), context, globals);
}

/** Why a drain ends early is on record, and in the log where that is an error. */
async function drainLogged(session: Session, telling: Telling): Promise<DrainEnd> {
  const { log } = telling;
  const { store, run } = session;
  try {
    const end = await drainInSight(session, telling);
    if (end) await recordStop(store, run, end);
    return end;
  } catch (error) {
    const reason = stopReason.failed(error);
    await recordStop(store, run, reason);
    log.write({ type: "run_stopped", code: reason.code, exit_code: exitCodeOf(error), jobs: null });
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

/** The results are safe in the database, so a file that can't be written is told after the summary. */
async function tryToWrite(session: Session): Promise<Written> {
  const { invocation, store, options } = session;
  const { context, globals } = invocation;
  const { force, outputFormat: format } = options;
  const { id, output: path } = session.run;
  if (path === null) return NOTHING_WRITTEN;
  try {
    await writeRunOutput(store, { run: await reload(session), path, stdout: context.stdout, format, force });
    return { written: path, failure: null };
  } catch (error) {
    const command = `llm-batch export ${id} -o FILE${globals.sameFlags}`;
    return { written: null, failure: afterwards(error, command) };
  }
}

/** The same error as one that came after everything was sent: no usage error, and the results can still be exported. */
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

/** The run as it is on record now. */
async function reload({ store, run }: Session): Promise<Run> {
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
