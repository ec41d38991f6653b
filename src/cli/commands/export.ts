import { writeResults } from "../../app/write-results.ts";
import { oneOf } from "../../config/parse.ts";
import { ExitCode } from "../../domain/errors.ts";
import { JOB_STATES, type JobState } from "../../domain/job.ts";
import type { ExportCounts } from "../../output/export.ts";
import { OUTPUT_FORMATS } from "../../output/formats/formats.ts";
import type { StoreReader } from "../../ports/store.ts";
import { StopSwitch } from "../../scheduler/stop.ts";
import type { Invocation } from "../context.ts";
import { choice } from "../program/choice.ts";
import { findRun } from "../session/find-run.ts";
import { withReader } from "../session/open-database.ts";
import { RunWatch } from "../session/run-watch.ts";
import { stopOnSignals } from "../session/signals.ts";
import { resumeCommand } from "../summary/steps.ts";
import { counted } from "../text/numbers.ts";
import { printableLine } from "../text/printable.ts";

const STATES: Readonly<Record<"succeeded" | "failed" | "all", readonly JobState[]>> = {
  succeeded: ["succeeded"],
  failed: ["failed"],
  all: JOB_STATES,
};

/** `llm-batch export`: writes the results of a run, in input order; with `--follow` as they come to be done. */
export async function command(invocation: Invocation): Promise<ExitCode> {
  const { context, globals, args, flags } = invocation;
  const request = readFlags(flags);
  return withReader(invocation, async (store) => {
    const run = await findRun(store, args[0], globals.db);
    const base = { ...request, store, run, stdout: context.stdout };
    if (!flags.follow) {
      report(invocation, await writeResults({ ...base, follow: null }), request.path);
      return ExitCode.ok;
    }
    return watching(invocation, store, run.id, async (follow) => {
      report(invocation, await writeResults({ ...base, follow }), request.path);
      if (follow.exitCode === ExitCode.stopped && !globals.quiet)
        context.stderr.write(`${printableLine(await wayOn(invocation, store, run.id))}\n`);
      return follow.exitCode;
    });
  });
}

/** Why nobody works on a run any more, and the command that goes on. */
async function wayOn({ globals }: Invocation, store: StoreReader, run: string): Promise<string> {
  const last = (await store.stops(run)).at(-1) ?? null;
  const why = last === null ? "" : `: ${last.message}`;
  return `nobody works on it any more${why}; go on with: ${resumeCommand(run, last)}${globals.sameFlags}`;
}

/** Follows a run until it is over; a signal ends that in good order, after a whole row. */
async function watching(
  { context }: Invocation,
  store: StoreReader,
  run: string,
  work: (watch: RunWatch) => Promise<ExitCode>,
): Promise<ExitCode> {
  const stop = new StopSwitch();
  const restoreSignals = stopOnSignals(stop, context.clock, () => {});
  try {
    return await work(new RunWatch({ store, run, clock: context.clock, stop }));
  } finally {
    restoreSignals();
  }
}

function readFlags(flags: Invocation["flags"]) {
  const {
    output,
    outputFormat,
    status,
    include,
    partial,
    force,
    escapeFormulas,
    answerColumns,
    columnPrefix,
  } = flags;
  return {
    path: String(output),
    format:
      outputFormat === undefined
        ? null
        : choice("export", "--output-format", oneOf(...OUTPUT_FORMATS), outputFormat),
    states: STATES[choice("export", "--status", oneOf("succeeded", "failed", "all"), status)],
    includeRaw: include !== undefined && choice("export", "--include", oneOf("raw"), include) === "raw",
    partial: partial === true,
    force: force === true,
    escapeFormulas: escapeFormulas === true,
    answerColumns: answerColumns === true,
    columnPrefix: columnPrefix === undefined ? null : String(columnPrefix),
  };
}

/** For people on stderr; as JSON on stdout, unless the data is there. */
function report({ context, globals }: Invocation, counts: ExportCounts, path: string): void {
  const { rows, byStatus, isWhole } = counts;
  if (globals.json && path !== "-")
    context.stdout.write(`${JSON.stringify({ rows, by_status: byStatus, path })}\n`);
  if (globals.quiet || !isWhole) return;
  const pending = counted(byStatus.pending, "row is", "rows are");
  const unfinished = byStatus.pending > 0 ? `; the run is unfinished, ${pending} still pending` : "";
  const line = `${counted(rows, "row")} to ${path === "-" ? "stdout" : path}${unfinished}`;
  context.stderr.write(`${printableLine(line)}\n`);
}
