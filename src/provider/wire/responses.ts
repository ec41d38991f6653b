import { compactJson, elementTexts, textAt } from "../../domain/raw-json.ts";
import type { Usage } from "../../domain/usage.ts";
import { asObject, asObjects, type Json, textOrNull } from "./json-value.ts";
import { openAiHeaders } from "./open-ai-headers.ts";
import { count, usageFrom } from "./usage.ts";
import type { WireForm } from "./wire-form.ts";

/** Items that the caller is to act on, or that are themselves what was asked for. */
const CALLS = new Set([
  ...[
    "function_call",
    "custom_tool_call",
    "computer_call",
    "apply_patch_call",
    "shell_call",
    "local_shell_call",
  ],
  ...["mcp_approval_request", "image_generation_call"],
]);

/** Why an answer is incomplete, in the words of chat completions. */
const INCOMPLETE: ReadonlyMap<string | null, string> = new Map([
  ["max_output_tokens", "length"],
  ["content_filter", "content_filter"],
]);

/** OpenAI's Responses. */
export const responsesForm: WireForm = {
  path: "/v1/responses",
  baseUrl: "versioned",
  headers: openAiHeaders,

  /** A response that is still being made (`background`) holds no answer. */
  read(json, text) {
    const reply = asObject(json);
    const isOver =
      reply.status === undefined || reply.status === "completed" || reply.status === "incomplete";
    if (!Array.isArray(reply.output) || !isOver) return null;
    const items = asObjects(reply.output);
    return {
      output: outputOf(items, text),
      model: textOrNull(reply.model),
      finishReason: finishReasonOf(reply, items),
      usage: usageOf(asObject(reply.usage)),
      serviceTier: textOrNull(reply.service_tier),
    };
  },
};

/** The text; without one the calls, or the refusal. What the model says on its way is not its answer. */
function outputOf(items: readonly Json[], reply: string): string {
  const parts = items
    .filter(({ type, phase }) => type === "message" && phase !== "commentary")
    .flatMap(({ content }) => asObjects(content));
  const text = joined(parts, "text");
  if (text !== "") return JSON.stringify(text);
  if (items.some(isCall)) {
    const texts = elementTexts(textAt(reply, ["output"]));
    return compactJson(`[${texts.filter((_, index) => isCall(items[index]!)).join(",")}]`);
  }
  return JSON.stringify(joined(parts, "refusal"));
}

function joined(parts: readonly Json[], member: "text" | "refusal"): string {
  return parts.map((part) => textOrNull(part[member]) ?? "").join("");
}

function isCall({ type }: Json): boolean {
  return CALLS.has(String(type));
}

function finishReasonOf(reply: Json, items: readonly Json[]): string | null {
  if (reply.status === "incomplete") {
    const reason = textOrNull(asObject(reply.incomplete_details).reason);
    return INCOMPLETE.get(reason) ?? reason;
  }
  return items.some(isCall) ? "tool_calls" : "stop";
}

function usageOf(usage: Json): Usage {
  const inputDetails = asObject(usage.input_tokens_details);
  return usageFrom({
    input: usage.input_tokens,
    cached: inputDetails.cached_tokens,
    cacheWrite: inputDetails.cache_write_tokens,
    output: usage.output_tokens ?? count(usage.total_tokens) - count(usage.input_tokens),
    reasoning: asObject(usage.output_tokens_details).reasoning_tokens,
  });
}
