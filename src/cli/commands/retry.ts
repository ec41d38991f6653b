import { ExitCode } from "../../domain/errors.ts";
import type { Invocation } from "../context.ts";
import { resumeRun } from "../resume-run.ts";
import { findRun, withStore } from "../session.ts";

/** `llm-batch retry`: puts failed jobs back to pending, and drains them unless told not to. */
export async function command(invocation: Invocation): Promise<ExitCode> {
  const { context, globals, args, flags } = invocation;
  const { code, id, drain } = flags;
  return withStore(invocation, async (store) => {
    const run = await findRun(store, args[0], globals.db);
    const filter = { ...(code ? { code: String(code) } : {}), ...(id ? { key: String(id) } : {}) };
    const count = await store.retry(run.id, filter);
    if (!globals.quiet) context.stderr.write(`${run.id}: ${count} failed rows are pending again\n`);
    if (globals.json && !drain) context.stdout.write(`${JSON.stringify({ run: run.id, retried: count })}\n`);
    if (!drain || count === 0) return ExitCode.ok;
    return resumeRun(invocation, store, { ...run, state: "open" });
  });
}
