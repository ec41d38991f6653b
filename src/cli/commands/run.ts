import { refuseIdleDelimiter } from "../../app/input-files.ts";
import { openRun } from "../../app/open-run.ts";
import { refuseIdleBudgets } from "../../app/settings/budget-settings.ts";
import { requestSettings } from "../../app/settings/request-settings.ts";
import { tryRefused } from "../../app/try-refused.ts";
import { configSource } from "../../config/config-file.ts";
import { environmentSource, flagSource, mergeGiven } from "../../config/option-source.ts";
import { resolveOptions } from "../../config/resolve.ts";
import { ExitCode } from "../../domain/errors.ts";
import type { Run } from "../../domain/run.ts";
import { runStatus } from "../../observe/status.ts";
import type { Store } from "../../ports/store.ts";
import type { Invocation } from "../context.ts";
import { tellOfConfig } from "../program/config-note.ts";
import { tellOfMisspelt } from "../program/misspelt-variables.ts";
import type { ReadingProgress } from "../progress/reading.ts";
import { checkLogFile } from "../session/log-file.ts";
import { withStore } from "../session/open-database.ts";
import { checkMetricsPort } from "../session/open-metrics.ts";
import { readInSight } from "../session/read-in-sight.ts";
import { runSession } from "../session/run-session.ts";
import { withSameFlags } from "../text/command-line.ts";

/** `llm-batch run`: finds or imports the run of these inputs and options, and drains it. */
export async function command(invocation: Invocation): Promise<ExitCode> {
  const { context, globals, args, flags } = invocation;
  tellOfMisspelt(invocation);
  const config = configSource(globals.config);
  const sources = [flagSource(flags), environmentSource(context.env), config];
  const options = resolveOptions(sources);
  const request = requestSettings(options, context.env);
  const inputs = args[0] as string[];
  refuseIdleDelimiter(flags.delimiter, inputs, options.format);
  refuseIdleBudgets(options.budgets, options.budgetBy);
  checkLogFile(invocation, inputs);
  await checkMetricsPort(options.metricsPort);
  return withStore(
    invocation,
    async (store) => {
      const open = ({ see, say }: ReadingProgress): Promise<Run> =>
        openRun({
          store,
          inputs,
          stdin: context.stdin,
          options,
          given: mergeGiven(sources),
          request,
          env: context.env,
          clock: context.clock,
          thread: context.readingThread,
          fresh: flags.new === true,
          seeRead: see,
          say: (text) => say(withSameFlags(text, globals.sameFlags)),
        });
      const run = await readInSight(invocation, open, interrupted);
      tellOfConfig(invocation, config, request);
      if (flags.detach === true) return detached(invocation, store, run);
      await tryRefused(store, run, context);
      return runSession(invocation, store, run, options);
    },
    { mustExist: false },
  );
}

function interrupted(signal: string): string {
  return `interrupted by ${signal} before anything was sent; the same command reads the input again`;
}

/** The rows are imported, and workers send them: stdout gets the run's id, or its status as JSON. */
async function detached({ context, globals }: Invocation, store: Store, run: Run): Promise<ExitCode> {
  const data = globals.json ? JSON.stringify(await runStatus(store, run, false)) : run.id;
  context.stdout.write(`${data}\n`);
  return ExitCode.ok;
}
