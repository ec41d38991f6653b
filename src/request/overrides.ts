import { describe, type Row } from "../domain/row.ts";
import { beginsLikeJson, type JsonField, jsonField } from "./json-field.ts";
import { RowError } from "./row-error.ts";

/** Columns of a CSV are always strings, so a number may stand in quotes. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

/**
 * The model a row names; null where it names none.
 * @throws RowError BAD_FIELD_TYPE.
 */
export function ownModel(row: Row): string | null {
  return asModel(row.value("model"));
}

/**
 * The model that the body of a batch line names; null where it names none.
 * @throws RowError BAD_FIELD_TYPE.
 */
export function modelIn(fields: Readonly<Record<string, unknown>>): string | null {
  return asModel(Object.hasOwn(fields, "model") ? fields.model : undefined);
}

function asModel(value: unknown): string | null {
  if (isUnset(value)) return null;
  if (typeof value === "string") return value;
  throw badType("model", value, "a string");
}

/**
 * The JSON text of a number that a row sets for its own request; null where it sets none.
 * @throws RowError BAD_FIELD_TYPE.
 */
export function ownNumber(row: Row, field: "temperature" | "max_tokens"): string | null {
  const value = row.value(field);
  if (isUnset(value)) return null;
  const isNumber = typeof value === "number" || (typeof value === "string" && NUMBER.test(value));
  if (!isNumber) throw badType(field, value, "a number");
  if (field === "temperature") return row.display(field)!;
  const tokens = Number(value);
  if (!Number.isInteger(tokens) || tokens <= 0) throw badType(field, value, "a whole number above 0");
  // A table with empty cells is often written with `100.0` in the others, which OpenAI refuses.
  return String(tokens);
}

/**
 * The tools that a row brings; null where it brings none.
 * @throws RowError BAD_FIELD_TYPE, BAD_JSON_FIELD.
 */
export function ownTools(row: Row): { tools: readonly unknown[]; json: string } | null {
  const { value, json } = jsonField(row, "tools");
  if (isUnset(value)) return null;
  if (!Array.isArray(value)) throw badType("tools", value, "an array");
  return value.length === 0 ? null : { tools: value, json };
}

/**
 * Which tool a row wants to be called; null where it wants none.
 * @throws RowError BAD_JSON_FIELD.
 */
export function ownToolChoice(row: Row): JsonField | null {
  const choice = jsonField(row, "tool_choice");
  return isUnset(choice.value) ? null : choice;
}

/** Body fields that are texts, even where the text looks like a number or a list: of the providers, and of vLLM, SGLang and llama.cpp. */
const TEXT_PARAMS: readonly string[] = [
  ...["stop", "user", "safety_identifier", "prompt_cache_key", "suffix"],
  ...["guided_regex", "guided_grammar", "regex", "ebnf", "grammar", "chat_template"],
];
/** As programs write them into tables. */
const BOOLEAN = /^(?:true|false)$/i;

/**
 * The JSON text of a body field that a row gives; null where it gives none. A text may be the JSON of what is meant.
 * @throws RowError BAD_JSON_FIELD.
 */
export function ownParam(row: Row, field: string): string | null {
  const value = row.value(field);
  if (isUnset(value)) return null;
  const isText = TEXT_PARAMS.includes(field);
  if (typeof value !== "string" || (beginsLikeJson(value) && !(isText && !isJson(value))))
    return jsonField(row, field).json;
  return isText ? JSON.stringify(value) : meantBy(value);
}

function meantBy(text: string): string {
  if (BOOLEAN.test(text)) return text.toLowerCase();
  // As for the most tokens: `7.0` in a table is a whole number.
  return NUMBER.test(text) ? text.replace(/\.0+$/, "") : JSON.stringify(text);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** An empty cell of a CSV sets nothing. */
function isUnset(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

function badType(field: string, value: unknown, wanted: string): RowError {
  const found = typeof value === "object" ? describe(value) : JSON.stringify(value);
  return new RowError("BAD_FIELD_TYPE", `the field "${field}" is ${found}, not ${wanted}`);
}
