import { answerText } from "../output/formats/answer-text.ts";
import { answeredByText } from "../output/formats/answered-by.ts";
import type { AttemptRow, JobDetail, ResultRow } from "../ports/results.ts";
import { promptText, saysMore } from "./prompt-text.ts";
import type { ReportedAttempt, ReportedRow, ReportedText } from "./report-data.ts";

/** Answers to one row are told apart by a number behind its id where there are several. */
export interface RowForm {
  samples: number;
  /** Characters of each text at most. */
  maxCharacters: number;
}

/** A row as one line of a list. */
export function listedRow(row: ResultRow, { samples, maxCharacters }: RowForm): ReportedRow {
  const { id, key, sample, state, output, errorCode } = row;
  return {
    number: id,
    id: samples > 1 ? `${key}#${sample}` : key,
    state,
    prompt: cut(promptText(row.row), maxCharacters),
    input: null,
    answer: output === null ? null : cut(answerText(row), maxCharacters),
    error:
      errorCode === null
        ? null
        : { code: errorCode, message: row.errorMessage ?? "", httpStatus: row.httpStatus },
    model: row.model,
    provider: row.provider,
    finishReason: row.finishReason,
    inputTokens: row.inputTokens,
    cachedInputTokens: row.cachedInputTokens,
    outputTokens: row.outputTokens,
    costUsd: row.costUsd,
    attempts: row.attempts,
    latencyMs: row.latencyMs,
    answeredBy: answeredByText(row),
    history: null,
  };
}

/** A row with all there is to see. */
export function wholeRow(job: JobDetail, form: RowForm): ReportedRow {
  return {
    ...listedRow(job, form),
    input: saysMore(job.row) ? cut(job.row, form.maxCharacters) : null,
    history: job.history.map(attempt),
  };
}

function attempt(row: AttemptRow): ReportedAttempt {
  const { attempt, kind, code, message, httpStatus, requestId, sentAt, latencyMs, retryAfterMs } = row;
  return { attempt, kind, code, message, httpStatus, requestId, sentAt, latencyMs, retryAfterMs };
}

/** Cuts between characters, not within one. */
function cut(text: string, maxCharacters: number): ReportedText {
  if (text.length <= maxCharacters) return { text, left: 0 };
  const isSplit = /[\ud800-\udbff]/.test(text[maxCharacters - 1]!);
  const kept = text.slice(0, isSplit ? maxCharacters - 1 : maxCharacters);
  return { text: kept, left: text.length - kept.length };
}
