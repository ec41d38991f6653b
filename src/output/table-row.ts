import type { TableRow } from "../ports/result-texts.ts";
import type { ResultRow } from "../ports/store.ts";
import { answerText } from "./answer-text.ts";

/** A result that was read value by value, as a row of a table. */
export function toTableRow(result: ResultRow): TableRow {
  const { key, sample, source, state, row, errorCode, errorMessage, model } = result;
  const { inputTokens, outputTokens, costUsd, attempts, answeredBy } = result;
  return {
    ...{
      key,
      sample,
      source,
      state,
      row: JSON.parse(row) as unknown,
      rowText: row,
      answer: answerText(result),
    },
    ...{ errorCode, errorMessage, model, inputTokens, outputTokens, costUsd, attempts, answeredBy },
  };
}
