import { compactJson } from "../domain/raw-json.ts";
import { describe, type Row } from "../domain/row.ts";
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
 * @throws RowError BAD_FIELD_TYPE.
 */
export function ownTools(row: Row): readonly unknown[] | null {
  const tools = row.value("tools");
  if (isUnset(tools)) return null;
  if (!Array.isArray(tools)) throw badType("tools", tools, "an array");
  return tools.length === 0 ? null : tools;
}

/** Body fields that are texts, even where the text looks like a number. */
const TEXT_PARAMS: readonly string[] = ["stop", "user", "safety_identifier", "prompt_cache_key"];
/** As programs write them into tables. */
const BOOLEAN = /^(?:true|false)$/i;

/** The JSON text of a body field that a row gives; null where it gives none. A text may be the JSON of what is meant. */
export function ownParam(row: Row, field: string): string | null {
  const value = row.value(field);
  if (isUnset(value)) return null;
  return typeof value === "string" ? meantBy(value, field) : row.json(field)!;
}

function meantBy(text: string, field: string): string {
  if (/^\s*[[{]/.test(text) && isJson(text)) return compactJson(text);
  if (TEXT_PARAMS.includes(field)) return JSON.stringify(text);
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
