import { dollars } from "../../domain/nano-usd.ts";
import { answeredByText } from "../../output/formats/answered-by.ts";
import type { AttemptRow, JobDetail } from "../../ports/results.ts";
import { type Field, fieldLines, textLines } from "./fields.ts";
import { type Line, span } from "./line.ts";
import { counted, grouped } from "./numbers.ts";
import type { Tone } from "./paint.ts";
import { momentText, spanText } from "./times.ts";
import { columnsOf, padTo } from "./width.ts";

const TONES: Readonly<Record<string, Tone>> = { succeeded: "good", failed: "bad", cancelled: "notable" };

/**
 * A job with its row, its result and every attempt, for people.
 * @param samples answers that each row is asked for: where there are several, a number tells them apart
 * @param columns of the window; null breaks no line
 */
export function jobLines(job: JobDetail, samples: number, columns: number | null): Line[] {
  const { key, sample, state, attempts, failures } = job;
  const id = samples > 1 ? `${key}#${sample}` : key;
  const head = `${id}: ${state}, ${counted(attempts, "attempt")}, ${counted(failures, "failure")}`;
  const fields = [
    { label: "row", items: [[span(job.row)]] },
    ...(job.output === null ? [] : answerFields(job, job.output)),
    ...(job.errorCode === null
      ? []
      : [
          { label: "error", items: [[span(`${job.errorCode}: ${job.errorMessage}`, "bad")]] } satisfies Field,
        ]),
    ...attemptFields(job.history),
  ];
  return [
    ...textLines([span(head, TONES[state] ?? "plain")], columns),
    ...fields.flatMap((field) => fieldLines(field, columns)),
  ];
}

function answerFields(job: JobDetail, output: string): Field[] {
  const { model, provider, finishReason, inputTokens, outputTokens, costUsd, latencyMs } = job;
  const answeredBy = answeredByText(job);
  const items = [
    model,
    provider && `by ${provider}`,
    finishReason,
    inputTokens === null ? null : `${counted(inputTokens, "token")} in, ${grouped(outputTokens ?? 0)} out`,
    costUsd === null ? null : dollars(costUsd),
    latencyMs === null ? null : spanText(latencyMs),
    answeredBy && `taken over from ${answeredBy}`,
  ].filter((item) => item !== null && item !== "");
  return [
    { label: "output", items: [[span(output)]] },
    { label: "answer", items: items.map((item) => [span(item!)]), separator: ", " },
  ];
}

/** One field for each attempt, their items below each other. */
function attemptFields(history: readonly AttemptRow[]): Field[] {
  const rows = history.map(cellsOf);
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => columnsOf(row[at]!))));
  return history.map(({ attempt, kind, code, message }, at) => {
    const cells = rows[at]!.map((cell, column) => padTo(cell, widths[column]!));
    const why = kind === "succeeded" ? [] : [[span(message === "" ? code : `${code}: ${message}`)]];
    const tone = TONES[kind] ?? "plain";
    const items = cells.flatMap((cell, column) =>
      widths[column] === 0 ? [] : [[span(cell, column === 1 ? tone : "plain")]],
    );
    return { label: `attempt ${attempt}`, items: [...items, ...why], separator: "  " };
  });
}

function cellsOf({ sentAt, kind, httpStatus, latencyMs, requestId, provider }: AttemptRow): string[] {
  return [
    sentAt === null ? "" : momentText(sentAt),
    kind,
    httpStatus === null ? "" : `HTTP ${httpStatus}`,
    latencyMs === null ? "" : spanText(latencyMs),
    provider === null ? "" : `by ${provider}`,
    requestId ?? "",
  ];
}
