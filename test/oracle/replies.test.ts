import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import type { Answer } from "../../src/domain/outcome.ts";
import type { RequestSettings } from "../../src/domain/request.ts";
import { simulate } from "../helpers/simulate.ts";
import { ask, KEY } from "./ask.ts";

const PROMPT = "What is the answer?";
const MESSAGES = [{ role: "user" as const, content: PROMPT }];
const SIMULATED: [string, string][] = [
  ["cached", "50%"],
  ["reasoning", "25%"],
  ["output-tokens", "40"],
  ["answer", "lorem"],
];

/** A simulator and the SDKs that are its clients. */
async function start(...settings: [string, string][]) {
  const { url } = await simulate(...SIMULATED, ...settings);
  const common = { apiKey: KEY, maxRetries: 0 };
  return {
    url,
    openai: new OpenAI({ ...common, baseURL: url }),
    anthropic: new Anthropic({ ...common, authToken: null, baseURL: new URL(url).origin }),
  };
}

async function answerTo(
  row: object,
  settings: Partial<RequestSettings> & { baseUrl: string },
): Promise<Answer> {
  const outcome = await ask(row, settings);
  expect(outcome.kind).toBe("succeeded");
  return outcome.answer!;
}

const textOf = ({ output }: Answer): unknown => JSON.parse(output);

describe("the simulator's answer is to the SDK what it is to us:", () => {
  test("chat", async () => {
    const { url, openai } = await start();
    const reply = await openai.chat.completions.create({
      model: "m",
      messages: MESSAGES,
      service_tier: "flex",
    });
    const ours = await answerTo({ prompt: PROMPT }, { baseUrl: url, serviceTier: "flex" });
    const { message, finish_reason } = reply.choices[0]!;
    expect(textOf(ours)).toBe(message.content);
    expect(ours).toMatchObject({
      model: reply.model,
      finishReason: finish_reason,
      serviceTier: reply.service_tier,
    });
    expect(ours.usage).toEqual({
      inputTokens: reply.usage!.prompt_tokens,
      cachedInputTokens: reply.usage!.prompt_tokens_details!.cached_tokens,
      cacheWriteTokens: 0,
      longCacheWriteTokens: 0,
      outputTokens: reply.usage!.completion_tokens,
      reasoningTokens: reply.usage!.completion_tokens_details!.reasoning_tokens,
    });
    expect(ours.usage.reasoningTokens).toBe(10);
  });

  test("responses", async () => {
    const { url, openai } = await start();
    const reply = await openai.responses.create({ model: "m", input: PROMPT });
    const ours = await answerTo({ prompt: PROMPT }, { baseUrl: url, api: "responses" });
    expect(textOf(ours)).toBe(reply.output_text);
    expect(ours).toMatchObject({ model: reply.model, serviceTier: reply.service_tier });
    expect(ours.usage).toEqual({
      inputTokens: reply.usage!.input_tokens,
      cachedInputTokens: reply.usage!.input_tokens_details.cached_tokens,
      cacheWriteTokens: reply.usage!.input_tokens_details.cache_write_tokens,
      longCacheWriteTokens: 0,
      outputTokens: reply.usage!.output_tokens,
      reasoningTokens: reply.usage!.output_tokens_details.reasoning_tokens,
    });
  });

  test("embeddings, which the SDK asks for in base64", async () => {
    const { url, openai } = await start();
    const reply = await openai.embeddings.create({ model: "m", input: PROMPT });
    const ours = await answerTo({ prompt: PROMPT }, { baseUrl: url, api: "embeddings" });
    const numbers = textOf(ours) as number[];
    expect(numbers.map(Math.fround)).toEqual(reply.data[0]!.embedding);
    expect(ours.usage.inputTokens).toBe(reply.usage.prompt_tokens);
  });

  test("completions", async () => {
    const { url, openai } = await start();
    const body = { model: "m", prompt: PROMPT, max_tokens: 5 };
    const reply = await openai.completions.create(body);
    const line = { custom_id: "a", method: "POST", url: "/v1/completions", body };
    const ours = await answerTo(line, { baseUrl: url });
    expect(textOf(ours)).toBe(reply.choices[0]!.text);
    expect(ours.finishReason).toBe(reply.choices[0]!.finish_reason);
    expect(ours.usage.outputTokens).toBe(reply.usage!.completion_tokens);
  });

  test("moderations", async () => {
    const { url, openai } = await start();
    const body = { input: PROMPT };
    const reply = await openai.moderations.create(body);
    const line = { custom_id: "a", method: "POST", url: "/v1/moderations", body };
    const ours = await answerTo(line, { baseUrl: url });
    expect(textOf(ours)).toEqual(reply.results);
    expect(reply.results[0]!.categories.hate).toBe(false);
  });

  test("messages", async () => {
    const { url, anthropic } = await start();
    const reply = await anthropic.messages.create({ model: "m", max_tokens: 30, messages: MESSAGES });
    const settings = { api: "messages", provider: "anthropic", maxTokens: 30 } as const;
    const ours = await answerTo({ prompt: PROMPT }, { ...settings, baseUrl: new URL(url).origin });
    expect(reply.content).toMatchObject([{ type: "text", text: textOf(ours) }]);
    expect(ours).toMatchObject({
      model: reply.model,
      finishReason: reply.stop_reason,
      serviceTier: reply.usage.service_tier,
    });
    const { usage } = reply;
    expect(ours.usage).toEqual({
      inputTokens: usage.input_tokens + usage.cache_read_input_tokens! + usage.cache_creation_input_tokens!,
      cachedInputTokens: usage.cache_read_input_tokens,
      cacheWriteTokens: usage.cache_creation_input_tokens,
      longCacheWriteTokens: 0,
      outputTokens: usage.output_tokens,
      reasoningTokens: usage.output_tokens_details!.thinking_tokens,
    });
    expect(ours.usage.cachedInputTokens).toBeGreaterThan(0);
  });
});

/** A fault, the SDK's class for it, and our kind of outcome. */
const ERRORS = [
  ["400", "BadRequestError", "rejected"],
  ["401", "AuthenticationError", "blocked"],
  ["403", "PermissionDeniedError", "blocked"],
  ["404", "NotFoundError", "blocked"],
  ["409", "ConflictError", "transient"],
  ["422", "UnprocessableEntityError", "rejected"],
  ["429", "RateLimitError", "throttled"],
  ["insufficient-quota", "RateLimitError", "blocked"],
  ["context-length", "BadRequestError", "rejected"],
  ["500", "InternalServerError", "transient"],
  ["503", "InternalServerError", "overloaded"],
  ["529", "InternalServerError", "overloaded"],
] as const;

describe.each(ERRORS)("%s is the SDK's %s", (fault, name, kind) => {
  test(`in OpenAI's words, and ${kind} to us`, async () => {
    const { url, openai } = await start(["fault", fault]);
    const error: unknown = await openai.chat.completions
      .create({ model: "m", messages: MESSAGES })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OpenAI[name]);
    const ours = await ask({ prompt: PROMPT }, { baseUrl: url });
    const { status, code, type, requestID } = error as InstanceType<typeof OpenAI.APIError>;
    expect(ours).toMatchObject({ kind, httpStatus: status, code: code ?? type });
    expect([requestID, ours.requestId]).toEqual([
      expect.stringMatching(/^req_/),
      expect.stringMatching(/^req_/),
    ]);
  });

  test(`in Anthropic's words, and ${kind} to us`, async () => {
    const { url, anthropic } = await start(["fault", fault]);
    const error: unknown = await anthropic.messages
      .create({ model: "m", max_tokens: 9, messages: MESSAGES })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Anthropic[name]);
    const settings = { api: "messages", provider: "anthropic" } as const;
    const ours = await ask({ prompt: PROMPT }, { ...settings, baseUrl: new URL(url).origin });
    const { status, type, requestID } = error as InstanceType<typeof Anthropic.APIError>;
    expect(ours).toMatchObject({ kind, httpStatus: status, code: type });
    expect([requestID, ours.requestId]).toEqual([
      expect.stringMatching(/^req_/),
      expect.stringMatching(/^req_/),
    ]);
  });
});
