import { type Answer, type Outcome, ranIntoLimit } from "../domain/outcome.ts";
import { compactJson } from "../domain/raw-json.ts";
import { compileSchema, type Mismatch } from "./compile-schema.ts";

/** Turns a succeeded outcome whose answer doesn't fit into an `invalid` one; its answer's output becomes the JSON itself. */
export type AnswerCheck = (outcome: Outcome) => Outcome;

/** A whole answer in a Markdown fence, as models write it that were not held to JSON by their provider. */
const FENCED = /^```(?:json)?[ \t]*\r?\n([\s\S]*)\n[ \t]*```$/i;

/** How much of an answer an error shows. */
const SHOWN_CHARS = 80;

type Flaw = Pick<Outcome, "code" | "message">;

/**
 * Makes ready to hold answers against a JSON Schema. An answer must be JSON text that fits; one that stands as a whole in
 * a Markdown fence counts as what is in it. The output becomes that JSON value, its numbers with all their digits.
 * Otherwise the outcome is `invalid`, with the code `schema_mismatch`, `not_json` or `truncated`.
 *
 * @param schemaText JSON text of the schema
 * @throws LlmBatchError BAD_SCHEMA
 */
export async function compileAnswerCheck(schemaText: string): Promise<AnswerCheck> {
  const mismatch = await compileSchema(schemaText);
  return (outcome) => {
    if (outcome.answer === null) return outcome;
    const result = check(outcome.answer, mismatch);
    return typeof result === "string"
      ? { ...outcome, answer: { ...outcome.answer, output: result } }
      : { ...outcome, kind: "invalid", ...result };
  };
}

/** JSON text that fits, or what is wrong with the answer. */
function check({ output, finishReason }: Answer, mismatch: Mismatch): string | Flaw {
  const said: unknown = JSON.parse(output);
  if (typeof said !== "string") {
    return { code: "not_json", message: "the answer is no text that could be JSON, but a list or call" };
  }
  const text = unfenced(said.trim());
  const isCutOff = ranIntoLimit(finishReason);
  const parsed = parse(text);
  // A closed object or list is whole wherever the limit was; a number may have lost its last digits.
  if (isCutOff && !isClosed(parsed)) return truncated(finishReason!);
  if (!parsed) return { code: "not_json", message: `the answer is not JSON: ${beginning(text)}` };
  const found = mismatch(parsed.value);
  return found === null ? compactJson(text) : { code: "schema_mismatch", message: `the answer's ${found}` };
}

function unfenced(text: string): string {
  return FENCED.exec(text)?.[1] ?? text;
}

function parse(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

function isClosed(parsed: { value: unknown } | null): boolean {
  return typeof parsed?.value === "object" && parsed.value !== null;
}

function truncated(finishReason: string): Flaw {
  return {
    code: "truncated",
    message: `the answer was cut off before its end (finish reason: ${finishReason}): --max-tokens may be too low`,
  };
}

function beginning(text: string): string {
  return JSON.stringify(text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS - 1)}…` : text);
}
