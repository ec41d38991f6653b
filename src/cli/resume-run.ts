import { apiKey } from "../app/request-settings.ts";
import { configSource } from "../config/config-file.ts";
import {
  environmentSource,
  flagSource,
  type GivenOptions,
  mergeGiven,
  resolveOptions,
  storedSource,
} from "../config/resolve.ts";
import type { ExitCode } from "../domain/errors.ts";
import type { Run } from "../domain/run.ts";
import type { Store } from "../ports/store.ts";
import type { Invocation } from "./context.ts";
import { runSession } from "./run-session.ts";

/** Drains a stored run with the options it was started with, those given now over them. */
export async function resumeRun(invocation: Invocation, store: Store, run: Run): Promise<ExitCode> {
  const { context, globals, flags } = invocation;
  const stored = [flagSource(flags), storedSource(run.options as GivenOptions)];
  const options = resolveOptions([...stored, environmentSource(context.env), configSource(globals.config)]);
  apiKey(run.request, context.env);
  const output = options.output ?? run.output;
  await store.updateOptions(run.id, mergeGiven(stored), output);
  return runSession(invocation, store, { ...run, output }, options);
}
