import type { Answer } from "../domain/outcome.ts";
import type { Usage } from "../domain/usage.ts";
import type { WireForm } from "./wire-form.ts";

interface ChatReply {
  model?: unknown;
  choices?: readonly { message?: ChatMessage; finish_reason?: unknown }[];
  usage?: ChatUsage;
}

interface ChatMessage {
  content?: unknown;
  refusal?: unknown;
  tool_calls?: unknown;
  function_call?: unknown;
}

interface ChatUsage {
  prompt_tokens?: unknown;
  completion_tokens?: unknown;
  total_tokens?: unknown;
  prompt_tokens_details?: { cached_tokens?: unknown } | null;
  /** DeepSeek's name for cached tokens. */
  prompt_cache_hit_tokens?: unknown;
}

/** OpenAI's chat completions, as nearly every provider serves them. */
export const chatForm: WireForm = {
  path: "/v1/chat/completions",
  headers(key, dialect): Record<string, string> {
    if (key === null) return {};
    return dialect === "azure" ? { "api-key": key } : { authorization: `Bearer ${key}` };
  },
  read,
};

function read(json: unknown): Answer | null {
  const reply = json as ChatReply | null;
  const choice = Array.isArray(reply?.choices) ? reply.choices[0] : undefined;
  if (!reply || !choice?.message) return null;
  const output = jsonText(outputOf(choice.message));
  if (output === null) return null;
  return {
    output,
    model: textOrNull(reply.model),
    finishReason: textOrNull(choice.finish_reason),
    usage: usageOf(reply.usage ?? {}),
  };
}

/** Null for what is nested so deep that it can be read but not written. */
function jsonText(value: unknown): string | null {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** The text; without one the calls the model wants made, or its refusal. */
function outputOf(message: ChatMessage): unknown {
  const text = textOf(message.content);
  if (text !== "") return text;
  if (Array.isArray(message.tool_calls) && message.tool_calls.length > 0) return message.tool_calls;
  return message.function_call ?? textOrNull(message.refusal) ?? "";
}

/** Mistral's reasoning models send a list of parts: what they thought is left out. */
function textOf(content: unknown): string {
  if (!Array.isArray(content)) return textOrNull(content) ?? "";
  return content
    .map((part: { type?: unknown; text?: unknown } | null) => textOrNull(part?.text) ?? "")
    .join("");
}

/** Some count what was thought only in the total (xAI, Gemini), so the larger figure is what was generated. */
function usageOf(usage: ChatUsage): Usage {
  const inputTokens = count(usage.prompt_tokens);
  const cached = usage.prompt_tokens_details?.cached_tokens ?? usage.prompt_cache_hit_tokens;
  return {
    inputTokens,
    cachedInputTokens: Math.min(count(cached), inputTokens),
    outputTokens: Math.max(count(usage.completion_tokens), count(usage.total_tokens) - inputTokens),
  };
}

/** No call has more; a figure beyond it is nonsense, and must not spoil sums. */
const MOST_TOKENS = 1e9;

function count(value: unknown): number {
  if (typeof value !== "number" || !(value > 0)) return 0;
  return Math.min(Math.round(value), MOST_TOKENS);
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
