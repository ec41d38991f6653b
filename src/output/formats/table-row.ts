import type { TableRow } from "../../ports/result-texts.ts";
import type { ResultRow } from "../../ports/results.ts";
import { answerText } from "./answer-text.ts";

/** A result that was read value by value, as a row of a table. */
export function toTableRow(result: ResultRow): TableRow {
  return {
    key: result.key,
    sample: result.sample,
    source: result.source,
    state: result.state,
    row: JSON.parse(result.row) as unknown,
    rowText: result.row,
    answer: answerText(result),
    errorCode: result.errorCode,
    errorMessage: result.errorMessage,
    model: result.model,
    inputTokens: result.inputTokens,
    outputTokens: result.outputTokens,
    costUsd: result.costUsd,
    attempts: result.attempts,
    answeredBy: result.answeredBy,
  };
}
