import { draw, hashText, Purpose } from "../seeded.ts";
import { tokensOf } from "../tokens.ts";
import { bodyOf, readInputs } from "./body.ts";
import { OPEN_AI } from "./open-ai.ts";
import type { AnswerShape, SimulatedAnswer, WireForm } from "./wire-form.ts";

const DEFAULT_MODEL = "omni-moderation-latest";

const CATEGORIES = [
  "harassment",
  "harassment/threatening",
  "hate",
  "hate/threatening",
  "illicit",
  "illicit/violent",
  "self-harm",
  "self-harm/instructions",
  "self-harm/intent",
  "sexual",
  "sexual/minors",
  "violence",
  "violence/graphic",
];

/** OpenAI's moderations. Nothing is ever flagged. */
export const moderations: WireForm = {
  ...OPEN_AI,
  path: "/v1/moderations",

  parse(value) {
    const body = bodyOf(value);
    const inputs = readInputs(body.input, "input");
    return {
      model: typeof body.model === "string" ? body.model : DEFAULT_MODEL,
      prompt: inputs.join("\n"),
      inputTokens: inputs.reduce((sum, input) => sum + tokensOf(input), 0),
      maxOutputTokens: 0,
      schema: null,
      answer: (answer, shape) => replyTo(answer, shape, inputs),
    };
  },
};

function replyTo(answer: SimulatedAnswer, shape: AnswerShape, inputs: readonly string[]): string {
  const whole = shape === "empty" ? [] : inputs.map((input) => resultOf(hashText(answer.seed, input)));
  return JSON.stringify({
    id: `modr-${answer.id}`,
    model: answer.model,
    results: shape === "wrong-type" ? 42 : whole,
  });
}

function resultOf(hash: number): object {
  return {
    flagged: false,
    categories: byCategory(() => false),
    category_scores: byCategory((index) => draw(hash, index, Purpose.vector) / 1_000),
    category_applied_input_types: byCategory(() => ["text"]),
  };
}

function byCategory(value: (index: number) => unknown): object {
  return Object.fromEntries(CATEGORIES.map((category, index) => [category, value(index)]));
}
