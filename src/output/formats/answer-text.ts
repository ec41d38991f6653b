import type { ResultRow } from "../../ports/results.ts";

/** The answer as text: a text as it is, anything else as its JSON text; empty without an answer. */
export function answerText({ output }: ResultRow): string {
  return output?.startsWith('"') ? (JSON.parse(output) as string) : (output ?? "");
}
