import { ExitCode } from "../../domain/errors.ts";
import type { Invocation } from "../context.ts";
import { prepareResumption, resumeRun } from "../resume-run.ts";
import { findRun, withStore } from "../session.ts";

/** `llm-batch retry`: puts failed jobs back to pending, and drains the run unless told not to. */
export async function command(invocation: Invocation): Promise<ExitCode> {
  const { context, globals, args, flags } = invocation;
  const { code, id, drain } = flags;
  return withStore(invocation, async (store) => {
    const run = await findRun(store, args[0], globals.db);
    // Whatever is wrong with the options is told before anything changes.
    const resumption = drain ? prepareResumption(invocation, run) : null;
    const filter = { ...(code ? { code: String(code) } : {}), ...(id ? { key: String(id) } : {}) };
    const retried = await store.retry(run.id, filter);
    if (!globals.quiet) context.stderr.write(`${run.id}: ${retried} failed rows are pending again\n`);
    if (resumption) return resumeRun(invocation, store, resumption);
    if (globals.json) context.stdout.write(`${JSON.stringify({ run: run.id, retried })}\n`);
    return ExitCode.ok;
  });
}
