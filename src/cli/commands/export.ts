import { writeResults } from "../../app/write-results.ts";
import { oneOf } from "../../config/parse.ts";
import { ExitCode } from "../../domain/errors.ts";
import { JOB_STATES, type JobState } from "../../domain/job.ts";
import type { ExportCounts } from "../../output/export.ts";
import { choice } from "../choice.ts";
import type { Invocation } from "../context.ts";
import { printableLine } from "../printable.ts";
import { findRun, withReader } from "../session.ts";

const STATES: Readonly<Record<"succeeded" | "failed" | "all", readonly JobState[]>> = {
  succeeded: ["succeeded"],
  failed: ["failed"],
  all: JOB_STATES,
};

/** `llm-batch export`: writes the results of a run, in input order. */
export async function command(invocation: Invocation): Promise<ExitCode> {
  const { context, globals, args, flags } = invocation;
  const request = readFlags(flags);
  return withReader(invocation, async (store) => {
    const run = await findRun(store, args[0], globals.db);
    const counts = await writeResults({ ...request, store, run, stdout: context.stdout });
    if (!globals.quiet) context.stderr.write(`${printableLine(report(counts, request.path))}\n`);
    return ExitCode.ok;
  });
}

function readFlags(flags: Invocation["flags"]) {
  const { output, outputFormat, status, include, partial, force, escapeFormulas } = flags;
  return {
    path: String(output),
    format:
      outputFormat === undefined ? null : choice("--output-format", oneOf("jsonl", "csv"), outputFormat),
    states: STATES[choice("--status", oneOf("succeeded", "failed", "all"), status)],
    includeRaw: include !== undefined && choice("--include", oneOf("raw"), include) === "raw",
    partial: partial === true,
    force: force === true,
    escapeFormulas: escapeFormulas === true,
  };
}

function report({ rows, byStatus }: ExportCounts, path: string): string {
  const unfinished =
    byStatus.pending > 0 ? `; the run is unfinished, ${byStatus.pending} rows are still pending` : "";
  return `${rows} rows to ${path === "-" ? "stdout" : path}${unfinished}`;
}
