import { formatDuration } from "../../domain/duration.ts";
import { ExitCode, LlmBatchError } from "../../domain/errors.ts";
import type { AttemptRow, JobDetail } from "../../ports/store.ts";
import type { Invocation } from "../context.ts";
import { printableLine } from "../printable.ts";
import { findRun, withReader } from "../session.ts";

/** `llm-batch show`: one job with its row, its result and every attempt that is kept. */
export async function command(invocation: Invocation): Promise<ExitCode> {
  const { context, globals, args } = invocation;
  return withReader(invocation, async (store) => {
    const run = await findRun(store, args[0], globals.db);
    const job = await store.job(run.id, String(args[1]));
    if (!job) {
      throw new LlmBatchError({
        code: "ROW_NOT_FOUND",
        message: `${run.id}: no row with the id ${JSON.stringify(args[1])}`,
        hint: "rows without an id of their own are called row-1, row-2, …",
      });
    }
    context.stdout.write(globals.json ? `${JSON.stringify(job)}\n` : describe(job));
    return ExitCode.ok;
  });
}

function describe(job: JobDetail): string {
  const answer = [job.model, job.provider && `by ${job.provider}`, job.finishReason, tokens(job)];
  const lines = [
    `${job.key}: ${job.state}, ${job.attempts} attempts, ${job.failures} failures`,
    `  row:    ${job.row}`,
    job.output === null ? null : `  output: ${job.output}`,
    job.output === null ? null : `  answer: ${answer.filter(Boolean).join(", ")}`,
    job.errorCode === null ? null : `  error:  ${job.errorCode}: ${job.errorMessage}`,
    ...job.history.map(attemptLine),
  ];
  return `${lines
    .filter((line) => line !== null)
    .map(printableLine)
    .join("\n")}\n`;
}

function tokens({ inputTokens, outputTokens }: JobDetail): string | null {
  return inputTokens === null ? null : `${inputTokens} tokens in, ${outputTokens ?? 0} out`;
}

function attemptLine(attempt: AttemptRow): string {
  const parts = [
    attempt.sentAt === null ? null : new Date(attempt.sentAt).toISOString(),
    attempt.kind,
    attempt.code,
    attempt.provider && `by ${attempt.provider}`,
    attempt.httpStatus === null ? null : `HTTP ${attempt.httpStatus}`,
    attempt.latencyMs === null ? null : formatDuration(attempt.latencyMs),
    attempt.requestId,
    attempt.message,
  ];
  return `  attempt ${attempt.attempt}: ${parts.filter(Boolean).join("  ")}`;
}
