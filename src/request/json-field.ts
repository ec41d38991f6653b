import { compactJson } from "../domain/raw-json.ts";
import type { Row } from "../domain/row.ts";
import { jsonFault } from "./json-error.ts";
import { RowError } from "./row-error.ts";

/** What of a long text is shown before and after the place where it is broken. */
const SHOWN_BEFORE = 30;
const SHOWN_AFTER = 10;

/** A field as it is meant: a text may be the JSON of a list or an object, as tables hold no others. */
export interface JsonField {
  value: unknown;
  /** JSON text. */
  json: string;
}

/**
 * Reads a field that the row has.
 * @throws RowError BAD_JSON_FIELD for a text that begins like a list or an object, and is none.
 */
export function jsonField(row: Row, name: string): JsonField {
  const value = row.value(name);
  if (typeof value !== "string" || !beginsLikeJson(value)) return { value, json: row.json(name)! };
  try {
    return { value: JSON.parse(value), json: compactJson(value) };
  } catch {
    throw new RowError("BAD_JSON_FIELD", `the field ${JSON.stringify(name)} is ${faultOf(value)}`);
  }
}

export function beginsLikeJson(text: string): boolean {
  return /^\s*[[{]/.test(text);
}

function faultOf(text: string): string {
  const { at, found } = jsonFault(text);
  return `not valid JSON at character ${at + 1}: ${found}, in ${around(text, at)}`;
}

function around(text: string, at: number): string {
  const from = Math.max(at - SHOWN_BEFORE, 0);
  const to = at + SHOWN_AFTER;
  const shown = text.slice(from, to).replace(/\s+/g, " ").trim();
  return `${from > 0 ? "…" : ""}${shown}${to < text.length ? "…" : ""}`;
}
