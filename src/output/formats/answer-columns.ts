import { memberTexts } from "../../domain/raw-json.ts";
import type { RequestSettings } from "../../domain/request.ts";
import { isObject } from "../../domain/row.ts";
import type { TableRow } from "../../ports/result-texts.ts";

/** The fields that the schema of a run's answers names; none without one. */
export function answerFields({ jsonSchema }: RequestSettings): readonly string[] {
  const schema: unknown = JSON.parse(jsonSchema ?? "{}");
  return isObject(schema) && isObject(schema.properties) ? Object.keys(schema.properties) : [];
}

/** A row's answer in cells, one for each of `fields`: a text as it is, anything else as its JSON text; empty where there is nothing. */
export function answerCells({ answer }: TableRow, fields: readonly string[]): string[] {
  const value = asObject(answer);
  const texts = value && memberTexts(answer);
  return fields.map((name) => {
    const text = texts?.get(name);
    if (text === undefined || text === "null") return "";
    return text.startsWith('"') ? (value![name] as string) : text;
  });
}

/** Null for any other answer, such as the text of one that doesn't fit its schema. */
function asObject(answer: string): Record<string, unknown> | null {
  if (!answer.startsWith("{")) return null;
  try {
    return JSON.parse(answer) as Record<string, unknown>;
  } catch {
    return null;
  }
}
