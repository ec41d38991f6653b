import { isJson, onOneLine } from "./json-text.ts";

/** A provider's response as JSON: itself where it is JSON, else its text as a string. */
export function replyJson(raw: string | null): string {
  if (raw === null) return "null";
  return isJson(raw) ? onOneLine(raw) : JSON.stringify(raw);
}
