import { ExitCode } from "../../domain/errors.ts";
import type { Invocation } from "../context.ts";
import { findRun } from "../session/find-run.ts";
import { withStore } from "../session/open-database.ts";

/** `llm-batch rm`: deletes a run with its rows, results and attempts. */
export async function command(invocation: Invocation): Promise<ExitCode> {
  const { context, globals, args } = invocation;
  return withStore(invocation, async (store) => {
    const run = await findRun(store, args[0], globals.db);
    await store.removeRun(run.id);
    if (globals.json) context.stdout.write(`${JSON.stringify({ removed: run.id })}\n`);
    else context.stderr.write(`${run.id} deleted\n`);
    return ExitCode.ok;
  });
}
