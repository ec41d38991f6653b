import { type AnswerCheck, compileAnswerCheck } from "../../answer/compile-check.ts";
import type { RequestSettings } from "../../domain/request.ts";
import { readSchema } from "../../request/answer-schema.ts";

/**
 * What answers are held against; undefined where any will do.
 * @throws LlmBatchError BAD_SCHEMA
 */
export async function answerCheckOf({ jsonSchema }: RequestSettings): Promise<AnswerCheck | undefined> {
  if (jsonSchema === null) return undefined;
  readSchema(jsonSchema);
  return await compileAnswerCheck(jsonSchema);
}
