import { ExitCode } from "../../domain/errors.ts";
import { jobJson } from "../../output/formats/job-json.ts";
import type { Invocation } from "../context.ts";
import { findRun, rowNotFound } from "../session/find-run.ts";
import { withReader } from "../session/open-database.ts";
import { jobLines } from "../text/job-text.ts";
import { printLines, windowOf } from "../text/print-lines.ts";

/** `llm-batch show`: one job with its row, its result and every attempt that is kept. */
export async function command(invocation: Invocation): Promise<ExitCode> {
  const { context, globals, args } = invocation;
  return withReader(invocation, async (store) => {
    const run = await findRun(store, args[0], globals.db);
    const job = await store.job(run.id, String(args[1]));
    if (!job) throw rowNotFound(run.id, String(args[1]));
    const { stdout } = context;
    const { samples } = run.request;
    if (globals.json) stdout.write(`${jobJson(job, samples > 1)}\n`);
    else printLines(stdout, jobLines(job, samples, windowOf(stdout)), context, globals);
    return ExitCode.ok;
  });
}
