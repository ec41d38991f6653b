import { bodyWithModel, mostTokens, readMessages, refuse, schemaOf } from "./body.ts";
import { completionUsage, OPEN_AI, tierOf } from "./open-ai.ts";
import type { AnswerShape, SimulatedAnswer, WireForm } from "./wire-form.ts";

/** OpenAI's chat completions. */
export const chat: WireForm = {
  ...OPEN_AI,
  path: "/v1/chat/completions",

  parse(value) {
    const { body, model } = bodyWithModel(value);
    const { prompt, inputTokens } = readMessages(body.messages, "messages");
    if ((body.n ?? 1) !== 1) refuse("The simulator gives one answer: leave `n` out.", "n");
    return {
      model,
      prompt,
      inputTokens,
      maxOutputTokens: mostTokens(body.max_completion_tokens ?? body.max_tokens, "max_tokens"),
      schema: schemaOf(body.response_format),
      answer: (answer, shape) => replyTo(answer, shape, body.service_tier),
    };
  },
};

function replyTo(answer: SimulatedAnswer, shape: AnswerShape, tier: unknown): string {
  return JSON.stringify({
    id: `chatcmpl-${answer.id}`,
    object: "chat.completion",
    created: answer.createdAt,
    model: answer.model,
    choices: choices(answer, shape),
    usage: completionUsage(answer.usage),
    service_tier: tierOf(tier),
  });
}

function choices(answer: SimulatedAnswer, shape: AnswerShape): unknown[] {
  if (shape === "empty") return [];
  const content = shape === "whole" ? answer.text : 42;
  const message = { role: "assistant", content, refusal: null };
  return [{ index: 0, message, logprobs: null, finish_reason: answer.isCut ? "length" : "stop" }];
}
