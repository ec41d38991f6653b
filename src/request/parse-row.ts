import { describe, isObject, ParsedRow, type Row } from "../domain/row.ts";
import { jsonFault } from "./json-error.ts";
import { RowError } from "./row-error.ts";

/**
 * Reads a row. White space around it is left out of its text.
 * @throws RowError BAD_JSON, NOT_AN_OBJECT.
 */
export function parseRow(text: string): Row {
  const value = parseJson(text);
  if (!isObject(value)) throw new RowError("NOT_AN_OBJECT", `the row is ${describe(value)}, not an object`);
  return new ParsedRow(text.trim(), value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const { at, found } = jsonFault(text);
    throw new RowError("BAD_JSON", `not valid JSON at column ${at + 1}: ${found}`);
  }
}
