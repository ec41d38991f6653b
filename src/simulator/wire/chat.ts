import { badRequest, type SimulatedError } from "../simulated-error.ts";
import { tokensOf } from "../tokens.ts";
import type { AnswerShape, SimulatedAnswer, WireForm, WireRequest } from "./wire-form.ts";

/** What a message costs besides its text: its role and its ends. */
const TOKENS_PER_MESSAGE = 3;

/** OpenAI's chat completions. */
export const chat: WireForm = {
  path: "/v1/chat/completions",

  apiKey({ authorization }) {
    return /^Bearer +(.+)$/i.exec(authorization ?? "")?.[1] ?? null;
  },

  parse(body) {
    if (!isObject(body)) return badRequest("The body must be a JSON object.", null);
    const { model, messages } = body;
    if (typeof model !== "string" || model === "") return badRequest("You must name a model.", "model");
    if (!Array.isArray(messages) || messages.length === 0) {
      return badRequest("`messages` must be a list with at least one message.", "messages");
    }
    const unsupported = findUnsupported(body);
    if (unsupported) return unsupported;
    return readMessages(model, messages, body.max_completion_tokens ?? body.max_tokens);
  },

  answer(answer, shape) {
    const { usage } = answer;
    return JSON.stringify({
      id: `chatcmpl-${answer.id}`,
      object: "chat.completion",
      created: answer.createdAt,
      model: answer.model,
      choices: choices(answer, shape),
      usage: {
        prompt_tokens: usage.inputTokens,
        completion_tokens: usage.outputTokens,
        total_tokens: usage.inputTokens + usage.outputTokens,
        prompt_tokens_details: { cached_tokens: usage.cachedInputTokens },
      },
    });
  },

  error({ message, type, param, code }) {
    return JSON.stringify({ error: { message, type, param, code } });
  },
};

function choices(answer: SimulatedAnswer, shape: AnswerShape): unknown[] {
  if (shape === "empty") return [];
  const content = shape === "whole" ? answer.text : 42;
  const message = { role: "assistant", content, refusal: null };
  return [{ index: 0, message, logprobs: null, finish_reason: answer.isCut ? "length" : "stop" }];
}

function findUnsupported(body: Record<string, unknown>): SimulatedError | null {
  if (body.stream) return badRequest("The simulator doesn't stream: leave `stream` out.", "stream");
  if ((body.n ?? 1) !== 1) return badRequest("The simulator gives one answer: leave `n` out.", "n");
  return null;
}

function readMessages(
  model: string,
  messages: readonly unknown[],
  maxTokens: unknown,
): WireRequest | SimulatedError {
  if (maxTokens !== undefined && maxTokens !== null && !isPositiveInteger(maxTokens)) {
    return badRequest("The most tokens allowed must be a whole number from 1.", "max_tokens");
  }
  const prompts: string[] = [];
  let inputTokens = 0;
  for (const [index, message] of messages.entries()) {
    const text = isObject(message) && typeof message.role === "string" ? textOf(message.content) : null;
    if (text === null) {
      return badRequest(`Message ${index} must have a role and a content.`, `messages[${index}]`);
    }
    inputTokens += tokensOf(text) + TOKENS_PER_MESSAGE;
    if ((message as { role: string }).role === "user") prompts.push(text);
  }
  return { model, prompt: prompts.join("\n"), inputTokens, maxOutputTokens: maxTokens ?? null };
}

/** The text of a message's content, parts joined; parts that are no text count for nothing. */
function textOf(content: unknown): string | null {
  if (typeof content === "string") return content;
  if (content === null) return "";
  if (!Array.isArray(content)) return null;
  return content.map((part) => (isObject(part) && typeof part.text === "string" ? part.text : "")).join("");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isPositiveInteger(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}
