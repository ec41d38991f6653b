import type { Dialect } from "../dialects.ts";

/** How OpenAI's APIs are shown a key, by whoever serves them. */
export function openAiHeaders(key: string | null, dialect: Dialect): Record<string, string> {
  if (key === null) return {};
  return dialect === "azure" ? { "api-key": key } : { authorization: `Bearer ${key}` };
}
