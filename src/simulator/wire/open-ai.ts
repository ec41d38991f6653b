import type { Usage } from "../../domain/usage.ts";
import type { WireForm } from "./wire-form.ts";

/** What all of OpenAI's APIs have in common. */
export const OPEN_AI: Pick<WireForm, "requestIdHeader" | "apiKey" | "error"> = {
  requestIdHeader: "x-request-id",

  apiKey({ authorization }) {
    return /^Bearer +(.+)$/i.exec(authorization ?? "")?.[1] ?? null;
  },

  error({ message, type, param, code }) {
    return JSON.stringify({ error: { message, type, param, code } });
  },
};

/** The `usage` of chat completions and completions. */
export function completionUsage(usage: Usage): object {
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: { cached_tokens: usage.cachedInputTokens },
    completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
  };
}

/** The tier that a call was charged by, from the one that was asked for. */
export function tierOf(asked: unknown): string {
  return typeof asked === "string" && asked !== "auto" ? asked : "default";
}
