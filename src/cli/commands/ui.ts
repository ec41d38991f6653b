import { port as readPort } from "../../config/parse.ts";
import { ExitCode } from "../../domain/errors.ts";
import type { Advise } from "../../report/figures.ts";
import type { Wanted } from "../../ui/live-run.ts";
import { startUi } from "../../ui/server.ts";
import type { Invocation } from "../context.ts";
import { choice } from "../program/choice.ts";
import { adviceOn } from "../session/advice.ts";
import { findRun } from "../session/find-run.ts";
import { withReader, withStore } from "../session/open-database.ts";
import { untilSignal } from "../session/signals.ts";

/** `llm-batch ui`: serves a run's report live until a signal ends it. */
export async function command(invocation: Invocation): Promise<ExitCode> {
  const { context, globals, args, flags } = invocation;
  const port = choice("ui", "--port", readPort, flags.port);
  return withReader(invocation, async (store) => {
    const run = await findRun(store, args[0], globals.db);
    const retry = (id: string, wanted: Wanted): Promise<number> => retryRows(invocation, id, wanted);
    const { clock } = context;
    const dbFlag = globals.sameFlags;
    const advise: Advise = (run, look) => adviceOn(invocation, store, { run, look, flags: dbFlag });
    const ui = await startUi({ store, run, clock, dbFlag, advise, retry }, port);
    const { url } = ui;
    context.stdout.write(globals.json ? `${JSON.stringify({ url, run: run.id })}\n` : `${url}\n`);
    if (!globals.quiet)
      context.stderr.write(`${run.id}: open the address above in a browser; Ctrl-C ends it\n`);
    await untilSignal();
    await ui.close();
    return ExitCode.ok;
  });
}

/** The database is written to for no longer than this takes. */
function retryRows(invocation: Invocation, run: string, wanted: Wanted): Promise<number> {
  return withStore(invocation, async (store) => {
    if ("code" in wanted) return store.retry(run, { code: wanted.code });
    const retried = await Promise.all(wanted.rows.map((key) => store.retry(run, { key })));
    return retried.reduce((sum, count) => sum + count, 0);
  });
}
