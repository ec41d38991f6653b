import type { SimulatedError } from "../simulated-error.ts";
import { tokensOf } from "../tokens.ts";
import {
  bodyWithModel,
  isObject,
  type Json,
  mostTokens,
  readMessages,
  refuse,
  schemaOf,
  textOf,
} from "./body.ts";
import { OPEN_AI } from "./open-ai.ts";
import type { AnswerShape, SimulatedAnswer, WireForm } from "./wire-form.ts";

/** The types of Anthropic's errors. */
const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  503: "overloaded_error",
  504: "timeout_error",
  529: "overloaded_error",
};

/** Anthropic's Messages. */
export const messages: WireForm = {
  path: "/v1/messages",
  requestIdHeader: "request-id",

  apiKey(headers) {
    const key = headers["x-api-key"];
    return typeof key === "string" ? key : OPEN_AI.apiKey(headers);
  },

  parse(value) {
    const { body, model } = bodyWithModel(value);
    const { prompt, inputTokens } = readMessages(body.messages, "messages");
    const maxOutputTokens = mostTokens(body.max_tokens, "max_tokens");
    if (maxOutputTokens === null) refuse("max_tokens: Field required", "max_tokens");
    return {
      model,
      prompt,
      inputTokens: inputTokens + tokensOf(textOf(body.system) ?? ""),
      maxOutputTokens,
      schema: schemaOf(formatOf(body)),
      answer: replyTo,
    };
  },

  error(error) {
    return JSON.stringify({ type: "error", error: { type: typeOf(error), message: error.message } });
  },
};

/** `output_format` is what the field was called while it was a beta. */
function formatOf({ output_config: config, output_format: beta }: Json): unknown {
  return isObject(config) ? config.format : beta;
}

/** An account without money is no throttle, though it shares its status elsewhere. */
function typeOf({ status, code }: SimulatedError): string {
  if (code === "insufficient_quota") return "billing_error";
  return ERROR_TYPES[status] ?? (status < 500 ? "invalid_request_error" : "api_error");
}

function replyTo(answer: SimulatedAnswer, shape: AnswerShape): string {
  const text = shape === "whole" ? answer.text : 42;
  return JSON.stringify({
    id: `msg_${answer.id}`,
    type: "message",
    role: "assistant",
    model: answer.model,
    content: shape === "empty" ? [] : [{ type: "text", text, citations: null }],
    stop_reason: answer.isCut ? "max_tokens" : "end_turn",
    stop_sequence: null,
    usage: usageOf(answer),
  });
}

/** `input_tokens` leaves the cached ones out. */
function usageOf({ usage }: SimulatedAnswer): object {
  return {
    input_tokens: usage.inputTokens - usage.cachedInputTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: usage.cachedInputTokens,
    output_tokens: usage.outputTokens,
    output_tokens_details: { thinking_tokens: usage.reasoningTokens },
    service_tier: "standard",
  };
}
