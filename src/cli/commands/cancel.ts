import { ExitCode } from "../../domain/errors.ts";
import type { Invocation } from "../context.ts";
import { findRun } from "../session/find-run.ts";
import { withStore } from "../session/open-database.ts";
import { counted } from "../text/numbers.ts";

/** `llm-batch cancel`: what is unfinished is cancelled; answers that still arrive are kept with their attempts. */
export async function command(invocation: Invocation): Promise<ExitCode> {
  const { context, globals, args } = invocation;
  return withStore(invocation, async (store) => {
    const run = await findRun(store, args[0], globals.db);
    const cancelled = await store.cancel(run.id);
    if (globals.json) context.stdout.write(`${JSON.stringify({ run: run.id, cancelled })}\n`);
    else context.stderr.write(`${run.id}: ${counted(cancelled, "row")} cancelled\n`);
    return ExitCode.ok;
  });
}
