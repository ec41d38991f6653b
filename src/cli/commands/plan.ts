import { withInputFiles } from "../../app/input-files.ts";
import { type Plan, planRun } from "../../app/plan.ts";
import { requestSettings } from "../../app/request-settings.ts";
import { configSource } from "../../config/config-file.ts";
import { count, duration } from "../../config/parse.ts";
import { environmentSource, flagSource, resolveOptions } from "../../config/resolve.ts";
import type { RunOptions } from "../../config/run-options.ts";
import { formatDuration } from "../../domain/duration.ts";
import { ExitCode } from "../../domain/errors.ts";
import { choice } from "../choice.ts";
import type { Invocation } from "../context.ts";
import { compact } from "../progress/status-line.ts";
import { WAIT_WORDS } from "../progress/wait-text.ts";

const FALLBACK_ANSWER_TOKENS = 250;

/** `llm-batch plan`: what a run would take, by the limiter itself on a virtual clock. Sends nothing, needs no key. */
export async function command({ context, globals, args, flags }: Invocation): Promise<ExitCode> {
  const options = resolveOptions([
    flagSource(flags),
    environmentSource(context.env),
    configSource(globals.config),
  ]);
  const isTold = options.provider !== null || options.baseUrl !== null;
  const request = requestSettings(isTold ? options : { ...options, provider: "sim" }, context.env);
  const latencyMs = choice("--latency", duration, flags.latency);
  const outputTokens =
    flags.answerTokens === undefined
      ? (options.maxTokens ?? FALLBACK_ANSWER_TOKENS)
      : choice("--answer-tokens", count(0), flags.answerTokens);
  const plan = await withInputFiles(args[0] as string[], context.stdin, (files) =>
    planRun({ files, options, request, latencyMs, outputTokens }),
  );
  context.stdout.write(
    globals.json ? `${JSON.stringify(asJson(plan))}\n` : describe(plan, options, latencyMs),
  );
  return ExitCode.ok;
}

function asJson({ rows, badRows, inputTokens, outputTokens, forecast }: Plan) {
  return {
    rows,
    bad_rows: badRows,
    tokens: { input: inputTokens, output: outputTokens },
    duration_seconds: Math.ceil(forecast.durationMs / 1_000),
    waits: forecast.waits.map(({ reason, ms }) => ({ reason, seconds: Math.round(ms / 1_000) })),
    cost_usd: null,
  };
}

function describe(plan: Plan, options: RunOptions, latencyMs: number): string {
  const { rows, badRows, inputTokens, outputTokens, forecast } = plan;
  const perAnswer = rows > badRows ? Math.round(outputTokens / (rows - badRows)) : 0;
  const [wait] = forecast.waits;
  const lines = [
    `rows    ${rows}${badRows > 0 ? `, ${badRows} of them bad` : ""}`,
    `tokens  about ${compact(inputTokens)} in, ${compact(outputTokens)} out (at ${perAnswer} an answer)`,
    `time    about ${formatDuration(forecast.durationMs)} (at ${formatDuration(latencyMs)} a call)`,
    wait ? `bound by ${WAIT_WORDS[wait.reason] ?? wait.reason}` : null,
    isUntold(options) ? "no limits were told: with --rpm, --tpm, … the time is that under your quota" : null,
  ];
  return `${lines.filter((line) => line !== null).join("\n")}\n`;
}

function isUntold({ rpm, tpm, itpm, otpm, rpd, tpd }: RunOptions): boolean {
  return [rpm, tpm, itpm, otpm, rpd, tpd].every((limit) => limit === "auto");
}
