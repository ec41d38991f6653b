import Anthropic from "@anthropic-ai/sdk";
import OpenAI, { AzureOpenAI } from "openai";
import { describe, expect, test } from "vitest";
import type { RequestSettings } from "../../src/domain/request.ts";
import { ask, KEY } from "./ask.ts";
import { startRecorder } from "./recorder.ts";

/** A row with its settings, and the call of the official SDK that means the same. */
interface Case {
  row: object;
  settings?: Partial<RequestSettings>;
  call(sdks: { openai: OpenAI; anthropic: Anthropic }): PromiseLike<unknown>;
}

const SCHEMA = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};
const ROW = { prompt: "Where is it?" };
const SETTINGS = {
  model: "m-1",
  system: "Be brief.",
  temperature: 0.2,
  maxTokens: 50,
  jsonSchema: JSON.stringify(SCHEMA),
};

/** Whatever the SDK makes of the reply: only the request counts here. */
const REPLY = { data: [], choices: [], output: [], results: [], content: [] };

const PROMPTS: Record<string, Case> = {
  chat: {
    row: ROW,
    settings: { ...SETTINGS, api: "chat", serviceTier: "flex", params: { seed: "7" } },
    call: ({ openai }) =>
      openai.chat.completions.create({
        model: "m-1",
        messages: [
          { role: "system", content: "Be brief." },
          { role: "user", content: "Where is it?" },
        ],
        temperature: 0.2,
        max_tokens: 50,
        service_tier: "flex",
        seed: 7,
        response_format: {
          type: "json_schema",
          json_schema: { name: "answer", schema: SCHEMA, strict: true },
        },
      }),
  },
  responses: {
    row: ROW,
    settings: { ...SETTINGS, api: "responses", params: { reasoning: '{"effort":"low"}' } },
    call: ({ openai }) =>
      openai.responses.create({
        model: "m-1",
        instructions: "Be brief.",
        input: "Where is it?",
        temperature: 0.2,
        max_output_tokens: 50,
        reasoning: { effort: "low" },
        text: { format: { type: "json_schema", name: "answer", schema: SCHEMA, strict: true } },
      }),
  },
  embeddings: {
    row: ROW,
    settings: { model: "e-1", api: "embeddings", params: { encoding_format: '"float"', dimensions: "64" } },
    call: ({ openai }) =>
      openai.embeddings.create({
        model: "e-1",
        input: "Where is it?",
        encoding_format: "float",
        dimensions: 64,
      }),
  },
  messages: {
    row: ROW,
    settings: {
      ...SETTINGS,
      temperature: null,
      api: "messages",
      provider: "anthropic",
      params: { stop_sequences: '["."]' },
    },
    call: ({ anthropic }) =>
      anthropic.messages.create({
        model: "m-1",
        system: "Be brief.",
        messages: [{ role: "user", content: "Where is it?" }],
        max_tokens: 50,
        stop_sequences: ["."],
        output_config: { format: { type: "json_schema", schema: SCHEMA } },
      }),
  },
};

/** What the SDKs take is what a batch file holds. */
const CHAT = {
  model: "m-1",
  messages: [
    {
      role: "user",
      content: [
        { type: "text", text: "What is this?" },
        { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
      ],
    },
  ],
  tools: [{ type: "function", function: { name: "f", parameters: SCHEMA } }],
  max_completion_tokens: 9,
} satisfies OpenAI.Chat.ChatCompletionCreateParamsNonStreaming;
const RESPONSE = {
  model: "m-1",
  input: [{ role: "user", content: [{ type: "input_text", text: "hi" }] }],
  store: false,
} satisfies OpenAI.Responses.ResponseCreateParamsNonStreaming;
const EMBEDDING = {
  model: "e-1",
  input: ["a", "b"],
  encoding_format: "base64",
} satisfies OpenAI.EmbeddingCreateParams;
const COMPLETION = {
  model: "m-1",
  prompt: "Once",
  max_tokens: 9,
} satisfies OpenAI.CompletionCreateParamsNonStreaming;
const MODERATION = {
  model: "omni-moderation-latest",
  input: [{ type: "text", text: "hi" }],
} satisfies OpenAI.ModerationCreateParams;
const MESSAGE = {
  model: "m-1",
  max_tokens: 9,
  system: [{ type: "text", text: "Be brief.", cache_control: { type: "ephemeral" } }],
  messages: [{ role: "user", content: "hi" }],
  thinking: { type: "disabled" },
} satisfies Anthropic.MessageCreateParamsNonStreaming;

const line = (url: string, body: object) => ({ custom_id: "a", method: "POST", url, body });

const LINES: Record<string, Case> = {
  chat: {
    row: line("/v1/chat/completions", CHAT),
    call: ({ openai }) => openai.chat.completions.create(CHAT),
  },
  responses: {
    row: line("/v1/responses", RESPONSE),
    call: ({ openai }) => openai.responses.create(RESPONSE),
  },
  embeddings: {
    row: line("/v1/embeddings", EMBEDDING),
    call: ({ openai }) => openai.embeddings.create(EMBEDDING),
  },
  completions: {
    row: line("/v1/completions", COMPLETION),
    call: ({ openai }) => openai.completions.create(COMPLETION),
  },
  moderations: {
    row: line("/v1/moderations", MODERATION),
    call: ({ openai }) => openai.moderations.create(MODERATION),
  },
  messages: {
    row: { custom_id: "a", params: MESSAGE },
    settings: { provider: "anthropic" },
    call: ({ anthropic }) => anthropic.messages.create(MESSAGE),
  },
};

/**
 * Where we differ from Anthropic's SDK on purpose: since 1.0 it speaks a version of the API that refuses what older
 * batch files hold, and shows its key as a bearer. The API takes the key in either header.
 */
const OUR_HEADERS = { "x-api-key": KEY, authorization: undefined, "anthropic-version": "2023-06-01" };

/** The base URLs that the SDKs would be given for a server at `url`. */
const BASES: [place: string, openai: string, anthropic: string][] = [
  ["the provider itself", "/v1", ""],
  ["a gateway", "/openai/v1", "/anthropic"],
];

describe.each(BASES)("at %s, a request is the SDK's own:", (_place, openaiPath, anthropicPath) => {
  async function compare({ row, settings, call }: Case): Promise<void> {
    const { url, recorded } = await startRecorder(REPLY);
    const common = { apiKey: KEY, maxRetries: 0 };
    const openai = new OpenAI({ ...common, baseURL: url + openaiPath });
    const anthropic = new Anthropic({ ...common, authToken: null, baseURL: url + anthropicPath });
    await call({ openai, anthropic });
    const isAnthropic = settings?.provider === "anthropic";
    await ask(row, { ...settings, baseUrl: url + (isAnthropic ? anthropicPath : openaiPath) });
    expect(recorded).toHaveLength(2);
    const [theirs, ours] = recorded;
    expect(ours).toEqual(
      isAnthropic ? { ...theirs, headers: { ...theirs!.headers, ...OUR_HEADERS } } : theirs,
    );
  }

  test.each(Object.entries(PROMPTS))("a prompt for %s", (_api, one) => compare(one));

  test.each(Object.entries(LINES))("a batch line for %s", (_api, one) => compare(one));
});

test("at a deployment of Azure, a request is the SDK's own", async () => {
  const { url, recorded } = await startRecorder(REPLY);
  const apiVersion = "2024-10-21";
  const sdk = new AzureOpenAI({ endpoint: url, apiKey: KEY, apiVersion, deployment: "d", maxRetries: 0 });
  await sdk.chat.completions.create(CHAT);
  const baseUrl = `${url}/openai/deployments/d?api-version=${apiVersion}`;
  await ask(line("/v1/chat/completions", CHAT), { provider: "azure", baseUrl });
  expect(recorded[1]).toEqual(recorded[0]);
});
