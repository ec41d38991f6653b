import { LlmBatchError } from "../domain/errors.ts";

/** Where a record starts: source from 0, line from 1. */
export interface Place {
  source: number;
  line: number;
}

export function duplicateId(key: string, first: Place, second: Place): LlmBatchError {
  const name = (place: Place): string =>
    first.source === second.source ? `line ${place.line}` : `line ${place.line} of input ${place.source + 1}`;
  return new LlmBatchError({
    code: "DUPLICATE_ID",
    message: `the id ${JSON.stringify(key)} stands on ${name(first)} and again on ${name(second)}`,
    hint: "give each row an id of its own, or name another field with --id-field",
  });
}
