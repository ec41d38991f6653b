import { draw, hashText, Purpose } from "../seeded.ts";
import { tokensOf } from "../tokens.ts";
import { bodyWithModel, mostTokens, readInputs } from "./body.ts";
import { OPEN_AI } from "./open-ai.ts";
import type { AnswerShape, SimulatedAnswer, WireForm } from "./wire-form.ts";

/** What of a request its embeddings are made from. */
interface Wanted {
  inputs: readonly string[];
  dim: number | null;
  isBase64: boolean;
}

/** OpenAI's embeddings. An input has the same one wherever it stands, of length 1. */
export const embeddings: WireForm = {
  ...OPEN_AI,
  path: "/v1/embeddings",

  parse(value) {
    const { body, model } = bodyWithModel(value);
    const inputs = readInputs(body.input, "input");
    const wanted = {
      inputs,
      dim: mostTokens(body.dimensions, "dimensions"),
      isBase64: body.encoding_format === "base64",
    };
    return {
      model,
      prompt: inputs.join("\n"),
      inputTokens: inputs.reduce((sum, input) => sum + tokensOf(input), 0),
      maxOutputTokens: 0,
      schema: null,
      answer: (answer, shape) => replyTo(answer, shape, wanted),
    };
  },
};

function replyTo(answer: SimulatedAnswer, shape: AnswerShape, { inputs, dim, isBase64 }: Wanted): string {
  const { usage, model } = answer;
  const data = inputs.map((input, index) => {
    const numbers = vectorOf(hashText(answer.seed, input), dim ?? answer.dim);
    const embedding = isBase64 ? Buffer.from(numbers.buffer).toString("base64") : [...numbers].map(written);
    return { object: "embedding", index, embedding: shape === "whole" ? embedding : 42 };
  });
  return JSON.stringify({
    object: "list",
    data: shape === "empty" ? [] : data,
    model,
    usage: { prompt_tokens: usage.inputTokens, total_tokens: usage.inputTokens },
  });
}

/** Base64 holds 32-bit numbers, so these are the same in both encodings. */
function vectorOf(hash: number, dim: number): Float32Array {
  const numbers = Float32Array.from({ length: dim }, (_, at) => draw(hash, at, Purpose.vector) - 0.5);
  const length = Math.hypot(...numbers);
  return numbers.map((number) => number / length);
}

/** As many digits as a 32-bit number has. */
function written(number: number): number {
  return Number(number.toPrecision(9));
}
