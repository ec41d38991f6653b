import { compactJson, textAt } from "../../domain/raw-json.ts";
import { asObject, firstObject, type Json, textOrNull } from "./json-value.ts";
import { openAiHeaders } from "./open-ai-headers.ts";
import { completionUsage } from "./usage.ts";
import type { WireForm } from "./wire-form.ts";

/** OpenAI's chat completions, as nearly every provider serves them. */
export const chatForm: WireForm = {
  path: "/v1/chat/completions",
  baseUrl: "versioned",
  headers: openAiHeaders,

  /** Of several answers (`n`) the first one counts. */
  read(json, text) {
    const reply = asObject(json);
    const choice = firstObject(reply.choices);
    const message = messageOf(choice);
    if (message === null) return null;
    return {
      output: outputOf(message, text),
      model: textOrNull(reply.model),
      finishReason: textOrNull(choice.finish_reason),
      usage: completionUsage(reply.usage),
      serviceTier: textOrNull(reply.service_tier),
    };
  },
};

/** Gemini leaves out the message that its filter held back, and says why behind OpenAI's word for it. */
function messageOf({ message, finish_reason }: Json): Json | null {
  if (typeof message === "object" && message !== null) return message as Json;
  return textOrNull(finish_reason)?.startsWith("content_filter") ? {} : null;
}

/** What an answer without a text may be: calls the model wants made, pictures (OpenRouter), a sound. */
const OTHER_ANSWERS = ["tool_calls", "function_call", "images", "audio"];

/** The text; without one what else was made, or the refusal. */
function outputOf(message: Json, reply: string): string {
  const text = textOf(message.content);
  if (text !== "") return JSON.stringify(text);
  const other = OTHER_ANSWERS.find((name) => isThere(message[name]));
  return other === undefined ? JSON.stringify(textOrNull(message.refusal) ?? "") : memberOf(reply, other);
}

function isThere(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : typeof value === "object" && value !== null;
}

function memberOf(reply: string, name: string): string {
  return compactJson(textAt(reply, ["choices", 0, "message", name]));
}

/** Mistral's reasoning models send a list of parts: what they thought is left out. */
function textOf(content: unknown): string {
  if (!Array.isArray(content)) return textOrNull(content) ?? "";
  return content.map((part) => textOrNull(asObject(part).text) ?? "").join("");
}
