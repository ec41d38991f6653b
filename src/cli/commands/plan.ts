import { refuseIdleDelimiter, withInputFiles } from "../../app/input-files.ts";
import { type Plan, planRun } from "../../app/plan/plan.ts";
import { openPrices, priceProvider } from "../../app/settings/prices.ts";
import { requestSettings } from "../../app/settings/request-settings.ts";
import { configSource } from "../../config/config-file.ts";
import { environmentSource, flagSource } from "../../config/option-source.ts";
import { count, duration } from "../../config/parse.ts";
import { resolveOptions } from "../../config/resolve.ts";
import type { RunOptions } from "../../config/run-options.ts";
import { ExitCode, LlmBatchError } from "../../domain/errors.ts";
import type { RequestSettings } from "../../domain/request.ts";
import type { Invocation } from "../context.ts";
import { choice } from "../program/choice.ts";
import { tellOfMisspelt } from "../program/misspelt-variables.ts";
import { readInSight } from "../session/read-in-sight.ts";
import { planJson } from "../text/plan-json.ts";
import { planLines } from "../text/plan-text.ts";
import { printLines, windowOf } from "../text/print-lines.ts";
import { printableLine } from "../text/printable.ts";

const FALLBACK_ANSWER_TOKENS = 250;
/** The provider whose prices hold where none is named: the one that `run` takes if it finds a key. */
const USUAL_PROVIDER = "openai";

/**
 * `llm-batch plan`: the tokens, cost and time that a run would take, by the limiter itself on a virtual clock. Sends nothing, needs
 * no key.
 */
export async function command(invocation: Invocation): Promise<ExitCode> {
  const { context, globals, args, flags } = invocation;
  tellOfMisspelt(invocation);
  const options = resolveOptions([
    flagSource(flags),
    environmentSource(context.env),
    configSource(globals.config),
  ]);
  const inputs = args[0] as string[];
  refuseIdleDelimiter(flags.delimiter, inputs, options.format);
  const { request, isTold } = settle(options, context.env);
  const latencyMs = choice("plan", "--latency", duration, flags.latency);
  const answerTokens =
    flags.answerTokens === undefined
      ? (options.maxTokens ?? FALLBACK_ANSWER_TOKENS)
      : choice("plan", "--answer-tokens", count(0), flags.answerTokens);
  const preview = flags.preview === undefined ? 0 : choice("plan", "--preview", count(1), flags.preview);
  const prices = await openPrices(options.priceFile);
  const plan: Plan = await readInSight(invocation, ({ see }) =>
    withInputFiles(inputs, context.stdin, (files) =>
      planRun({
        files,
        thread: context.readingThread,
        options,
        request,
        prices,
        pricesOf: isTold ? priceProvider : () => USUAL_PROVIDER,
        at: context.clock.wall(),
        latencyMs,
        answerTokens,
        exact: flags.exact === true,
        seeRead: see,
        preview,
      }),
    ),
  );
  const { stdout } = context;
  const isShared = options.dedupe || options.reuse;
  const told = { latencyMs, isProviderTold: isTold, isShared, maxCost: options.maxCost };
  if (globals.json) stdout.write(`${JSON.stringify(planJson(plan, told))}\n`);
  else {
    printLines(stdout, planLines(plan, told, windowOf(stdout)), context, globals);
    for (const { id, body } of plan.requests)
      stdout.write(`\n${printableLine(id)}\n${printableLine(body)}\n`);
  }
  return ExitCode.ok;
}

/** A plan can be made before a provider is named: the simulator stands in. */
function settle(options: RunOptions, env: NodeJS.ProcessEnv): { request: RequestSettings; isTold: boolean } {
  try {
    return { request: requestSettings(options, env), isTold: true };
  } catch (error) {
    if (!(error instanceof LlmBatchError) || error.code !== "NO_PROVIDER") throw error;
    const request = requestSettings({ ...options, provider: "sim" }, env);
    return { request: { ...request, name: USUAL_PROVIDER }, isTold: false };
  }
}
