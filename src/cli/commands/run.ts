import { openRun } from "../../app/open-run.ts";
import { requestSettings } from "../../app/request-settings.ts";
import { configSource } from "../../config/config-file.ts";
import { environmentSource, flagSource, mergeGiven, resolveOptions } from "../../config/resolve.ts";
import type { ExitCode } from "../../domain/errors.ts";
import type { Invocation } from "../context.ts";
import { checkLogFile } from "../log-file.ts";
import { printableLine } from "../printable.ts";
import { runSession } from "../run-session.ts";
import { withStore } from "../session.ts";
import { exitOnSignals } from "../signals.ts";

/** `llm-batch run`: finds or imports the run of these inputs and options, and drains it. */
export async function command(invocation: Invocation): Promise<ExitCode> {
  const { context, globals, args, flags } = invocation;
  const sources = [flagSource(flags), environmentSource(context.env), configSource(globals.config)];
  const options = resolveOptions(sources);
  const request = requestSettings(options, context.env);
  checkLogFile(invocation, args[0] as string[]);
  const say = (text: string): void => {
    if (!globals.quiet) context.stderr.write(`${printableLine(text)}\n`);
  };
  return withStore(
    invocation,
    async (store) => {
      const restoreSignals = exitOnSignals((signal) =>
        say(`interrupted by ${signal} before anything was sent; the same command reads the input again`),
      );
      const run = await openRun({
        store,
        inputs: args[0] as string[],
        stdin: context.stdin,
        options,
        given: mergeGiven(sources),
        request,
        env: context.env,
        fresh: flags.new === true,
        say,
      }).finally(restoreSignals);
      return runSession(invocation, store, run, options);
    },
    { mustExist: false },
  );
}
