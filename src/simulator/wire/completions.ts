import { tokensOf } from "../tokens.ts";
import { bodyWithModel, mostTokens, readInputs, refuse } from "./body.ts";
import { completionUsage, OPEN_AI } from "./open-ai.ts";
import type { AnswerShape, SimulatedAnswer, WireForm } from "./wire-form.ts";

/** OpenAI's legacy completions. Each of several prompts gets the same text. */
export const completions: WireForm = {
  ...OPEN_AI,
  path: "/v1/completions",

  parse(value) {
    const { body, model } = bodyWithModel(value);
    const prompts = readInputs(body.prompt, "prompt");
    if ((body.n ?? 1) !== 1) refuse("The simulator gives one answer: leave `n` out.", "n");
    return {
      model,
      prompt: prompts.join("\n"),
      inputTokens: prompts.reduce((sum, prompt) => sum + tokensOf(prompt), 0),
      maxOutputTokens: mostTokens(body.max_tokens, "max_tokens"),
      schema: null,
      answer: (answer, shape) => replyTo(answer, shape, prompts.length),
    };
  },
};

function replyTo(answer: SimulatedAnswer, shape: AnswerShape, count: number): string {
  const text = shape === "whole" ? answer.text : 42;
  const choices = Array.from({ length: shape === "empty" ? 0 : count }, (_, index) => {
    return { index, text, logprobs: null, finish_reason: answer.isCut ? "length" : "stop" };
  });
  return JSON.stringify({
    id: `cmpl-${answer.id}`,
    object: "text_completion",
    created: answer.createdAt,
    model: answer.model,
    choices,
    usage: completionUsage(answer.usage),
  });
}
