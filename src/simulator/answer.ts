import { sample } from "./distribution.ts";
import { valueFor } from "./schema-value.ts";
import { draw, Purpose } from "./seeded.ts";
import type { SimulatorSettings } from "./settings.ts";
import { cutToTokens, tokensOf } from "./tokens.ts";
import type { SimulatedAnswer, WireRequest } from "./wire/wire-form.ts";

const DEFAULT_LOREM_TOKENS = 100;

const WORDS = (
  "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore " +
  "magna aliqua enim minim veniam quis nostrud exercitation ullamco laboris nisi aliquip ex ea commodo consequat"
).split(" ");

type AnswerSettings = Pick<
  SimulatorSettings,
  "answer" | "output-tokens" | "cached" | "reasoning" | "seed" | "dim"
>;

/**
 * The answer to a request; text and length follow from the prompt, its schema and the seed alone, the id also from the
 * call.
 */
export function simulateAnswer(
  request: WireRequest,
  settings: AnswerSettings,
  { promptHash, callOfPrompt, createdAt }: { promptHash: number; callOfPrompt: number; createdAt: number },
): SimulatedAnswer {
  const wanted = settings["output-tokens"];
  const drawn = wanted && Math.max(1, Math.round(sample(wanted, promptHash, 0, Purpose.outputTokens)));
  const text =
    request.schema === null
      ? textFor(settings.answer, request.prompt, promptHash, drawn ?? DEFAULT_LOREM_TOKENS)
      : JSON.stringify(valueFor(request.schema, promptHash));
  const natural = drawn ?? Math.max(1, tokensOf(text));
  const allowed = request.maxOutputTokens ?? Infinity;
  const isCut = natural > allowed;
  const outputTokens = Math.min(natural, allowed);
  return {
    id: hex(promptHash) + hex(draw(promptHash, callOfPrompt, Purpose.id) * 0x1_0000_0000),
    model: request.model,
    createdAt,
    text: isCut ? cutToTokens(text, allowed) : text,
    isCut,
    usage: {
      inputTokens: request.inputTokens,
      cachedInputTokens: Math.floor(request.inputTokens * settings.cached),
      cacheWriteTokens: 0,
      longCacheWriteTokens: 0,
      outputTokens,
      reasoningTokens: Math.floor(outputTokens * settings.reasoning),
    },
    seed: settings.seed,
    dim: settings.dim,
  };
}

function textFor(
  style: AnswerSettings["answer"],
  prompt: string,
  promptHash: number,
  tokens: number,
): string {
  switch (style) {
    case "short":
      return `This is answer ${hex(promptHash)}.`;
    case "echo":
      return prompt;
    case "lorem":
      return lorem(promptHash, tokens);
  }
}

function lorem(promptHash: number, tokens: number): string {
  let text = "";
  for (let i = 0; text.length < tokens * 4; i++) {
    text += `${WORDS[Math.floor(draw(promptHash, i, Purpose.words) * WORDS.length)]} `;
  }
  return cutToTokens(text, tokens);
}

function hex(bits: number): string {
  return Math.floor(bits).toString(16).padStart(8, "0");
}
