import { tokensOf } from "../tokens.ts";
import { bodyWithModel, isObject, type Json, mostTokens, readMessages, schemaOf, textOf } from "./body.ts";
import { OPEN_AI, tierOf } from "./open-ai.ts";
import type { AnswerShape, SimulatedAnswer, WireForm } from "./wire-form.ts";

/** OpenAI's Responses. */
export const responses: WireForm = {
  ...OPEN_AI,
  path: "/v1/responses",

  parse(value) {
    const { body, model } = bodyWithModel(value);
    const { prompt, inputTokens } = readMessages(messagesOf(body.input), "input");
    return {
      model,
      prompt,
      inputTokens: inputTokens + tokensOf(textOf(body.instructions) ?? ""),
      maxOutputTokens: mostTokens(body.max_output_tokens, "max_output_tokens"),
      schema: schemaOf(isObject(body.text) ? body.text.format : null),
      answer: (answer, shape) => replyTo(answer, shape, body),
    };
  },
};

/** A text is one message of the user. Items that are no messages, such as calls and their outputs, count for nothing. */
function messagesOf(input: unknown): unknown {
  if (typeof input === "string") return [{ role: "user", content: input }];
  if (!Array.isArray(input)) return input;
  return input.filter((item) => !isObject(item) || item.type === undefined || item.type === "message");
}

function replyTo(answer: SimulatedAnswer, shape: AnswerShape, body: Json): string {
  return JSON.stringify({
    id: `resp_${answer.id}`,
    object: "response",
    created_at: answer.createdAt,
    status: statusOf(answer),
    error: null,
    incomplete_details: answer.isCut ? { reason: "max_output_tokens" } : null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    metadata: body.metadata ?? {},
    model: answer.model,
    output: shape === "empty" ? [] : [messageOf(answer, shape)],
    parallel_tool_calls: true,
    previous_response_id: null,
    service_tier: tierOf(body.service_tier),
    temperature: body.temperature ?? 1,
    text: body.text ?? { format: { type: "text" } },
    tool_choice: body.tool_choice ?? "auto",
    tools: body.tools ?? [],
    top_p: body.top_p ?? 1,
    truncation: "disabled",
    usage: usageOf(answer),
  });
}

function statusOf({ isCut }: SimulatedAnswer): string {
  return isCut ? "incomplete" : "completed";
}

function messageOf(answer: SimulatedAnswer, shape: AnswerShape): object {
  const text = shape === "whole" ? answer.text : 42;
  return {
    id: `msg_${answer.id}`,
    type: "message",
    role: "assistant",
    status: statusOf(answer),
    content: [{ type: "output_text", text, annotations: [], logprobs: [] }],
  };
}

function usageOf({ usage }: SimulatedAnswer): object {
  return {
    input_tokens: usage.inputTokens,
    input_tokens_details: { cached_tokens: usage.cachedInputTokens, cache_write_tokens: 0 },
    output_tokens: usage.outputTokens,
    output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
    total_tokens: usage.inputTokens + usage.outputTokens,
  };
}
