import { refuseIdleBudgets } from "../../app/settings/budget-settings.ts";
import { apiKey } from "../../app/settings/request-settings.ts";
import { tryRefused } from "../../app/try-refused.ts";
import { checkOutput, refuseInputAsOutput } from "../../app/write-results.ts";
import { configSource } from "../../config/config-file.ts";
import {
  environmentSource,
  flagSource,
  type GivenOptions,
  mergeGiven,
  type OptionSource,
  storedSource,
} from "../../config/option-source.ts";
import { resolveOptions } from "../../config/resolve.ts";
import { RUN_OPTIONS, type RunOptionName, type RunOptions } from "../../config/run-options.ts";
import type { ExitCode } from "../../domain/errors.ts";
import { targetsOf } from "../../domain/request.ts";
import { isObject } from "../../domain/row.ts";
import type { Run } from "../../domain/run.ts";
import type { Store } from "../../ports/store.ts";
import type { Invocation } from "../context.ts";
import { checkLogFile } from "./log-file.ts";
import { checkMetricsPort } from "./open-metrics.ts";
import { runSession } from "./run-session.ts";

/** A stored run and the options to resume it with. */
export interface Resumption {
  run: Run;
  options: RunOptions;
  /** What a later `resume` starts with. */
  given: GivenOptions;
}

/**
 * The options a run was started with, those given now over them. Checks all that could be wrong, and changes nothing.
 * @throws LlmBatchError BAD_OPTION, MISSING_KEY, OUTPUT_EXISTS, OUTPUT_UNWRITABLE, CANNOT_LISTEN
 */
export async function prepareResumption(invocation: Invocation, run: Run): Promise<Resumption> {
  const now = [flagSource(invocation.flags), unflagged(configSource(invocation.globals.config), run)];
  const { options, given } = storedOptions(invocation, run, now);
  refuseIdleBudgets(options.budgets, run.options.budgetBy ?? null);
  const output = options.output ?? run.output;
  const inputs = run.sources.map(({ path }) => path);
  refuseInputAsOutput(output, inputs);
  checkOutput(output, options, run);
  checkLogFile(invocation, inputs);
  await checkMetricsPort(options.metricsPort);
  return { run: { ...run, output }, options, given };
}

/**
 * What a resumed run takes from the config file, as it has no flag: the budgets of groups, and how fast endpoints may be asked.
 * Where endpoints are is part of the run, and stays.
 */
function unflagged({ given: { budgets, endpoints }, place }: OptionSource, { options }: Run): OptionSource {
  const given = {
    ...(budgets !== undefined && { budgets }),
    ...(endpoints !== undefined && { endpoints: joined(options.endpoints, endpoints) }),
  };
  return { given, place };
}

/** Joins two maps in JSON; what the config file doesn't name any more stays as it was. */
function joined(before: unknown, now: string | readonly string[]): string | readonly string[] {
  const [older, newer] = [before ?? "{}", now].map((text) => JSON.parse(String(text)));
  return isObject(newer) ? JSON.stringify({ ...older, ...newer }) : now;
}

/**
 * The options a run was started with, those given now over them.
 * @param now the strongest first
 * @throws LlmBatchError BAD_OPTION, MISSING_KEY
 */
export function storedOptions(
  { context, globals, flags }: Invocation,
  run: Run,
  now: readonly OptionSource[] = [flagSource(flags)],
): Pick<Resumption, "options" | "given"> {
  const stored = storedSource(run.options as GivenOptions);
  const options = resolveOptions([
    ...now,
    stored,
    environmentSource(context.env),
    configSource(globals.config),
  ]);
  for (const target of targetsOf(run.request)) apiKey(target, context.env);
  return { options, given: mergeGiven([...now.map(withoutBounds), stored]) };
}

/**
 * The options that a plain `resume` goes on with.
 * @throws LlmBatchError BAD_OPTION, BAD_CONFIG
 */
export function resumeOptions({ context, globals }: Invocation, run: Run): RunOptions {
  const config = configSource(globals.config);
  const stored = storedSource(run.options as GivenOptions);
  return resolveOptions([unflagged(config, run), stored, environmentSource(context.env), config]);
}

export async function resumeRun(
  invocation: Invocation,
  store: Store,
  resumption: Resumption,
): Promise<ExitCode> {
  const { run, options, given } = resumption;
  await store.updateOptions(run.id, given, run.output);
  await tryRefused(store, run, invocation.context);
  return runSession(invocation, store, run, options);
}

/** A bound given to one `resume` is for that one: the next would only stop at it again. */
function withoutBounds({ given, place }: OptionSource): OptionSource {
  const kept = Object.entries(given).filter(
    ([name]) => RUN_OPTIONS[name as RunOptionName].group !== "bounds",
  );
  return { given: Object.fromEntries(kept), place };
}
