import { compactJson, elementTexts, textAt } from "../../domain/raw-json.ts";
import type { Usage } from "../../domain/usage.ts";
import type { Dialect } from "../dialects.ts";
import { asObject, asObjects, type Json, textOrNull } from "./json-value.ts";
import { count, usageFrom } from "./usage.ts";
import type { WireForm } from "./wire-form.ts";

/**
 * What batch files were written for, and gateways know. 2026-10-21 refuses `temperature`, `top_p` and `top_k`:
 * https://platform.claude.com/docs/en/api/versioning
 */
const VERSION = "2023-06-01";

/** Anthropic's Messages. */
export const messagesForm: WireForm = {
  path: "/v1/messages",
  baseUrl: "bare",
  headers,

  read(json, text) {
    const reply = asObject(json);
    if (!Array.isArray(reply.content)) return null;
    return {
      output: outputOf(asObjects(reply.content), text),
      model: textOrNull(reply.model),
      finishReason: textOrNull(reply.stop_reason),
      usage: usageOf(asObject(reply.usage)),
      serviceTier: textOrNull(asObject(reply.usage).service_tier),
    };
  },
};

function headers(key: string | null, dialect: Dialect): Record<string, string> {
  const version = { "anthropic-version": VERSION };
  if (key === null) return version;
  return dialect === "openrouter"
    ? { ...version, authorization: `Bearer ${key}` }
    : { ...version, "x-api-key": key };
}

/** The text; without one the calls of tools the model wants made. What it thought is left out. */
function outputOf(blocks: readonly Json[], reply: string): string {
  const text = blocks.map((block) => (block.type === "text" && textOrNull(block.text)) || "").join("");
  if (text !== "" || !blocks.some(isToolUse)) return JSON.stringify(text);
  const texts = elementTexts(textAt(reply, ["content"]));
  return compactJson(`[${texts.filter((_, index) => isToolUse(blocks[index]!)).join(",")}]`);
}

function isToolUse({ type }: Json): boolean {
  return type === "tool_use";
}

/** `input_tokens` leaves out what was read from the cache or written to it. */
function usageOf(usage: Json): Usage {
  const cached = count(usage.cache_read_input_tokens);
  const cacheWrite = count(usage.cache_creation_input_tokens);
  return usageFrom({
    input: count(usage.input_tokens) + cached + cacheWrite,
    cached,
    cacheWrite,
    longCacheWrite: asObject(usage.cache_creation).ephemeral_1h_input_tokens,
    output: usage.output_tokens,
    reasoning: asObject(usage.output_tokens_details).thinking_tokens,
  });
}
