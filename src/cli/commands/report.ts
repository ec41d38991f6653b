import { ExitCode } from "../../domain/errors.ts";
import { writeReport } from "../../report/write-report.ts";
import type { Invocation } from "../context.ts";
import { adviceOn } from "../session/advice.ts";
import { findRun } from "../session/find-run.ts";
import { withReader } from "../session/open-database.ts";

/** `llm-batch report`: a run as one HTML file, be it finished or not. */
export async function command(invocation: Invocation): Promise<ExitCode> {
  const { context, globals, args, flags } = invocation;
  const { clock, stdout } = context;
  const path = String(flags.output);
  return withReader(invocation, async (store) => {
    const run = await findRun(store, args[0], globals.db);
    const dbFlag = globals.dbFlag === null ? "" : " --db …";
    await writeReport({
      store,
      run,
      path,
      stdout,
      force: flags.force === true,
      wallMs: clock.wall(),
      dbFlag,
      advise: (run, look) => adviceOn(invocation, store, { run, look, flags: dbFlag }),
    });
    if (globals.json && path !== "-") stdout.write(`${JSON.stringify({ run: run.id, output: path })}\n`);
    else if (!globals.quiet && path !== "-") context.stderr.write(`${run.id}: report written to ${path}\n`);
    return ExitCode.ok;
  });
}
