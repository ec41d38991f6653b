import type { Dialect } from "../dialects.ts";

/** The headers that show OpenAI's APIs a key, whichever provider serves them. */
export function openAiHeaders(key: string | null, dialect: Dialect): Record<string, string> {
  if (key === null) return {};
  return dialect === "azure" ? { "api-key": key } : { authorization: `Bearer ${key}` };
}
