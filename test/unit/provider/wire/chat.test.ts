import { expect, test } from "vitest";
import { chatForm } from "../../../../src/provider/wire/chat.ts";
import { usageOf } from "../../../helpers/answer.ts";
import { readReply } from "./read-reply.ts";

const read = (message: object, usage: object = {}) =>
  readReply(chatForm, { model: "m-1", choices: [{ message, finish_reason: "stop" }], usage });

test("the text is the answer", () => {
  expect(read({ content: 'a "b"\n' })).toEqual({
    output: JSON.stringify('a "b"\n'),
    model: "m-1",
    finishReason: "stop",
    usage: usageOf({ inputTokens: 0, outputTokens: 0 }),
    serviceTier: null,
  });
});

test("tool calls stand in for a text that isn't there", () => {
  const calls = [{ id: "c", type: "function", function: { name: "f", arguments: '{"a":1}' } }];
  for (const content of [null, ""]) {
    expect(read({ content, tool_calls: calls })?.output).toBe(JSON.stringify(calls));
  }
  expect(read({ content: "text", tool_calls: calls })?.output).toBe('"text"');
  expect(read({ content: null, function_call: { name: "f" } })?.output).toBe('{"name":"f"}');
});

test("pictures or a sound stand in for a text that isn't there", () => {
  const images = [{ type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }];
  expect(read({ content: null, images })?.output).toBe(JSON.stringify(images));
  expect(read({ content: "a cat", images })?.output).toBe('"a cat"');
  expect(read({ content: "", images: [] })?.output).toBe('""');
  const audio = { id: "audio_1", data: "AAAA", transcript: "Hello", expires_at: 1 };
  expect(read({ content: null, audio })?.output).toBe(JSON.stringify(audio));
  expect(read({ content: null, audio: null, refusal: "No." })?.output).toBe('"No."');
});

test("a refusal is an answer", () => {
  expect(read({ content: null, refusal: "I can't." })?.output).toBe('"I can\'t."');
});

test("of an answer in parts the text counts", () => {
  const content = [
    { type: "thinking", thinking: [{ type: "text", text: "hm" }] },
    { type: "text", text: "yes" },
    { type: "text", text: "!" },
    null,
  ];
  expect(read({ content })?.output).toBe('"yes!"');
});

test("the arguments of a call keep their digits, on one line", () => {
  const message = '{"content": null, "tool_calls": [\n  {"n": 12345678901234567890, "x": 1.0}\n]}';
  const body = `{\n"choices": [{"message": ${message}}]}`;
  expect(chatForm.read(JSON.parse(body), body)?.output).toBe('[{"n":12345678901234567890,"x":1.0}]');
});

test("of several answers the first counts", () => {
  const choices = ["a", "b"].map((content) => ({ message: { content } }));
  expect(readReply(chatForm, { choices })?.output).toBe('"a"');
});

test("the tier that was charged is told", () => {
  const choices = [{ message: { content: "a" } }];
  expect(readReply(chatForm, { choices, service_tier: "flex" })?.serviceTier).toBe("flex");
});

test.each([
  [
    {
      prompt_tokens: 100,
      completion_tokens: 20,
      prompt_tokens_details: { cached_tokens: 64, cache_write_tokens: 16 },
      completion_tokens_details: { reasoning_tokens: 12 },
    },
    {
      inputTokens: 100,
      cachedInputTokens: 64,
      cacheWriteTokens: 16,
      outputTokens: 20,
      reasoningTokens: 12,
    },
  ],
  [
    { prompt_tokens: 100, completion_tokens: 20, total_tokens: 320 },
    { inputTokens: 100, outputTokens: 220, reasoningTokens: 200 },
  ],
  [
    { prompt_tokens: 100, prompt_cache_hit_tokens: 30, completion_tokens: 1 },
    { inputTokens: 100, cachedInputTokens: 30, outputTokens: 1 },
  ],
  [
    { prompt_tokens: null, completion_tokens: -3, prompt_tokens_details: null },
    { inputTokens: 0, outputTokens: 0 },
  ],
  [
    { prompt_tokens: "9", completion_tokens: Number.NaN },
    { inputTokens: 0, outputTokens: 0 },
  ],
  [
    {
      prompt_tokens: 10,
      completion_tokens: 5,
      prompt_tokens_details: { cached_tokens: 99, cache_write_tokens: 99 },
      completion_tokens_details: { reasoning_tokens: 99 },
    },
    { inputTokens: 10, cachedInputTokens: 10, outputTokens: 5, reasoningTokens: 5 },
  ],
])("usage %o", (usage, counted) => {
  expect(read({ content: "x" }, usage)?.usage).toEqual(usageOf(counted));
});

test("the key goes where the provider looks for it", () => {
  expect(chatForm.headers("k", "generic")).toEqual({ authorization: "Bearer k" });
  expect(chatForm.headers("k", "azure")).toEqual({ "api-key": "k" });
  expect(chatForm.headers(null, "generic")).toEqual({});
});
