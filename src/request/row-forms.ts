import type { RequestSettings } from "../domain/request.ts";
import type { Row } from "../domain/row.ts";
import type { InputForm } from "../domain/run.ts";

/** What a row is, told by its fields; null for one that is nothing we know. */
export type FormOf = (row: Row) => InputForm | null;

/** With a template or a prompt field every row is data, whatever fields it has. */
export function compileForms({ template, promptField }: RequestSettings): FormOf {
  return template === null && promptField === null ? formOf : () => "rows";
}

/** Goes by the fields alone, not by what is in them, so that a batch line with a mistake is told of as one. */
function formOf(row: Row): InputForm | null {
  if (row.has("prompt") || row.has("messages")) return "rows";
  const isAddressed = row.has("url") && (row.has("method") || row.has("custom_id"));
  if (isAddressed || (row.has("body") && row.has("custom_id"))) return "openai-batch";
  return row.has("params") && row.has("custom_id") ? "anthropic-batch" : null;
}
