import { LlmBatchError } from "../domain/errors.ts";
import { compactJson } from "../domain/raw-json.ts";
import { isObject } from "../domain/row.ts";
import { findJsonError } from "./json-error.ts";
import { keepsStrictRules } from "./strict-rules.ts";

/** The JSON Schema that answers must fit, as requests carry it. */
export interface AnswerSchema {
  /** JSON text, without white space. */
  json: string;
  /** The schema's title, in the letters that OpenAI takes, or `answer`. */
  name: string;
  /** Whether OpenAI can hold the model to it. */
  isStrict: boolean;
}

const LONGEST_NAME = 64;

/**
 * Reads the text of a schema. Whether it is a sound one is for the validator of answers to say.
 * @throws LlmBatchError BAD_SCHEMA with line and column.
 */
export function readSchema(text: string): AnswerSchema {
  const schema = parse(text);
  if (!isObject(schema)) throw badSchema("is not a JSON object");
  return {
    json: compactJson(text),
    name: nameOf(schema.title),
    isStrict: keepsStrictRules(schema),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const at = findJsonError(text);
    const before = text.slice(0, at);
    const place = `line ${before.split("\n").length}, column ${at - before.lastIndexOf("\n")}`;
    throw badSchema(`is not valid JSON at ${place}`, cause);
  }
}

function badSchema(reason: string, cause?: unknown): LlmBatchError {
  return new LlmBatchError({
    code: "BAD_SCHEMA",
    message: `--json-schema: the file ${reason}`,
    hint: 'give a file that holds a JSON Schema, e.g. {"type": "object", "properties": {…}}',
    cause,
  });
}

function nameOf(title: unknown): string {
  if (typeof title !== "string") return "answer";
  const name = title.replace(/[^a-zA-Z0-9_-]+/g, "_").replace(/^_+|_+$/g, "");
  return name.slice(0, LONGEST_NAME) || "answer";
}
