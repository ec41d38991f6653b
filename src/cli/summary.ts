import { formatDuration } from "../domain/duration.ts";
import { NANO_USD_PER_USD, usdText } from "../domain/nano-usd.ts";
import type { Percentiles } from "../domain/run.ts";
import type { RunStatus } from "../observe/status.ts";
import type { DrainEnd } from "../scheduler/drain.ts";
import type { CliContext } from "./context.ts";
import { printableLine } from "./printable.ts";
import { compact, percent } from "./progress/status-line.ts";

interface SummaryOptions {
  status: RunStatus;
  end: DrainEnd;
  /** The file that was written. */
  output: string | null;
  /** The file that was asked for. */
  wanted: string | null;
  context: CliContext;
}

/** The last words of a run, to stderr: what came out, what failed and why, and the next command. */
export function printSummary({ status, end, output, wanted, context }: SummaryOptions): void {
  const lines = [...headline(status, end), ...figureLines(status), ...next(status, end, output, wanted)];
  context.stderr.write(`${lines.map(printableLine).join("\n")}\n`);
}

function headline({ run, state, jobs }: RunStatus, end: DrainEnd): string[] {
  const left = jobs.pending + jobs.running;
  const counts = [
    `${jobs.succeeded} of ${jobs.total} succeeded`,
    jobs.failed > 0 ? `${jobs.failed} failed` : null,
    jobs.cancelled > 0 ? `${jobs.cancelled} cancelled` : null,
    left > 0 ? `${left} left` : null,
  ].filter(Boolean);
  return [`${run} ${end ? `stopped: ${end.message}` : state}`, `  ${counts.join(", ")}`];
}

/** Failures by code with an example each, then calls, tokens and percentiles. */
export function figureLines(status: RunStatus): string[] {
  return [...failures(status), ...shared(status), ...schemaFit(status), ...figures(status)];
}

function failures({ failures }: RunStatus): string[] {
  return failures.map(({ code, count, example }) => {
    const sample = example ? `, e.g. ${example.id}: ${example.message}` : "";
    return `  failed ${code}: ${count}${sample}`;
  });
}

/** Rows that were answered without a call of their own. */
function shared({ shared: { dedupe, reuse } }: RunStatus): string[] {
  const parts = [
    dedupe > 0 ? `${dedupe} with another row's answer (--dedupe)` : null,
    reuse > 0 ? `${reuse} with an earlier run's (--reuse)` : null,
  ].filter((part) => part !== null);
  return parts.length > 0 ? [`  not sent: ${parts.join(", ")}`] : [];
}

function schemaFit({ schema }: RunStatus): string[] {
  if (schema === null || schema.ratio === null) return [];
  return [`  answers that fit the schema: ${schema.fit} of ${schema.answers} (${percent(schema.ratio)})`];
}

function figures(status: RunStatus): string[] {
  const { attempts, rate, tokens, cost_usd, latency_ms, wait_ms, total_ms } = status;
  if (attempts.total === 0) return [];
  const doubt = attempts.in_doubt > 0 ? `, ${attempts.in_doubt} in doubt at most` : "";
  return [
    `  calls ${attempts.total}, refused by limits ${percent(rate.throttle_ratio)}, sent again ${attempts.retried}${doubt}`,
    `  tokens ${compact(tokens.input)} in (${compact(tokens.cached_input)} cached), ${compact(tokens.output)} out, cost ${costText(cost_usd)}`,
    `  p50/p95/p99: call ${spread(latency_ms)}, wait ${spread(wait_ms)}, both to the commit ${spread(total_ms)}`,
  ];
}

function costText(usd: number | null): string {
  return usd === null ? "unknown" : usdText(Math.round(usd * NANO_USD_PER_USD));
}

function spread({ p50, p95, p99 }: Percentiles): string {
  return [p50, p95, p99].map((ms) => (ms === null ? "-" : formatDuration(ms))).join("/");
}

function next(status: RunStatus, end: DrainEnd, output: string | null, wanted: string | null): string[] {
  const { run, jobs } = status;
  if (end) {
    const partial = wanted
      ? [`  ${wanted} was not written; what is there: llm-batch export ${run} --partial -o ${wanted}`]
      : [];
    const mended = end.code === "PROVIDER_REFUSED" ? ["  when that is mended: llm-batch breaker reset"] : [];
    return [
      ...partial,
      ...mended,
      `  go on with: llm-batch resume ${run}${end.raise ? ` ${end.raise}` : ""}`,
    ];
  }
  const retry = jobs.failed > 0 ? [`  try the failed rows again with: llm-batch retry ${run}`] : [];
  const results = output
    ? `  results ${output === "-" ? "on stdout" : `in ${output}`}`
    : `  get the results with: llm-batch export ${run} -o results.jsonl`;
  return [results, ...retry];
}
