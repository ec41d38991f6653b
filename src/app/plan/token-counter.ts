import { LlmBatchError } from "../../domain/errors.ts";
import type { Api } from "../../domain/request.ts";

/** Counts the input tokens of a request as the model will. */
export interface TokenCounter {
  /** Null for what the count isn't known of: another API than chat and embeddings; images, tools, schemas. */
  count(api: Api, body: string): number | null;
}

/** Which OpenAI models use which encoding; of other providers' models there is none to go by. */
const ENCODINGS: readonly { models: RegExp; encoding: string }[] = [
  { models: /^(chatgpt-4o|gpt-4o|gpt-4\.[15]|gpt-5|o[134])(?![a-z0-9])/, encoding: "o200k_base" },
  { models: /^(gpt-4|gpt-3\.5-turbo|text-embedding-(3|ada))(?![a-z0-9.])/, encoding: "cl100k_base" },
];

/** What a chat costs besides its texts: OpenAI's cookbook, "How to count tokens with tiktoken". */
const TOKENS_PER_MESSAGE = 3;
const TOKENS_PER_REPLY = 3;

/**
 * The time a tokenizer takes grows with the square of a text without breaks: 64,000 times `a` take 8 s, and cut up so
 * some milliseconds. A cut adds a token at most.
 */
const LONGEST_RUN = 1_000;

/** The field that holds the prompt, by API, and what counts it. */
const PROMPTS: Partial<Record<Api, { field: string; count: CountPrompt }>> = {
  chat: { field: "messages", count: countMessages },
  embeddings: { field: "input", count: countTexts },
};

/** Body fields that add no tokens. */
const SILENT_FIELDS = new Set([
  "model",
  "temperature",
  "top_p",
  "max_tokens",
  "max_completion_tokens",
  "seed",
  "n",
  "stop",
  "user",
  "metadata",
  "service_tier",
  "reasoning_effort",
  "frequency_penalty",
  "presence_penalty",
  "dimensions",
  "encoding_format",
]);

interface Encoding {
  countTokens(text: string, options: { disallowedSpecial: ReadonlySet<string> }): number;
}

/**
 * Loads the tokenizer of a model; null where none is known. It is an optional package: its tables take 30 MB.
 * @throws LlmBatchError TOKENIZER_MISSING
 */
export async function loadTokenCounter(model: string): Promise<TokenCounter | null> {
  const found = ENCODINGS.find(({ models }) => models.test(model));
  if (!found) return null;
  const { countTokens } = await loadEncoding(found.encoding);
  // Text that reads like a control token is text all the same.
  const countText = (text: string): number => {
    let tokens = 0;
    for (const piece of cutRuns(text)) tokens += countTokens(piece, { disallowedSpecial: new Set() });
    return tokens;
  };
  return { count: (api, body) => countBody(api, JSON.parse(body), countText) };
}

async function loadEncoding(name: string): Promise<Encoding> {
  const path = `gpt-tokenizer/encoding/${name}`;
  try {
    return await import(path);
  } catch (cause) {
    throw new LlmBatchError({
      code: "TOKENIZER_MISSING",
      message: `--exact: the tokenizer can't be loaded: ${(cause as Error).message.split("\n")[0]}`,
      hint: "npm install gpt-tokenizer beside llm-batch, or leave --exact out for an estimate",
      cause,
    });
  }
}

type CountText = (text: string) => number;
type CountPrompt = (prompt: unknown, countText: CountText) => number | null;

function countBody(api: Api, body: Record<string, unknown>, countText: CountText): number | null {
  const prompt = PROMPTS[api];
  if (!prompt) return null;
  const isKnown = (field: string): boolean => field === prompt.field || SILENT_FIELDS.has(field);
  return Object.keys(body).every(isKnown) ? prompt.count(body[prompt.field], countText) : null;
}

function countMessages(messages: unknown, countText: CountText): number | null {
  if (!Array.isArray(messages)) return null;
  let tokens = TOKENS_PER_REPLY;
  for (const { role, content, ...rest } of messages) {
    if (typeof role !== "string" || typeof content !== "string" || Object.keys(rest).length > 0) return null;
    tokens += TOKENS_PER_MESSAGE + countText(role) + countText(content);
  }
  return tokens;
}

/** The text to embed, or several. */
function countTexts(input: unknown, countText: CountText): number | null {
  const texts = Array.isArray(input) ? input : [input];
  if (!texts.every((text) => typeof text === "string")) return null;
  return texts.reduce((sum, text) => sum + countText(text), 0);
}

function* cutRuns(text: string): Generator<string> {
  let from = 0;
  for (const { index } of text.matchAll(RUN)) {
    yield text.slice(from, index + LONGEST_RUN);
    from = index + LONGEST_RUN;
  }
  yield text.slice(from);
}

const RUN = new RegExp(`\\S{${LONGEST_RUN}}|\\s{${LONGEST_RUN}}`, "g");
