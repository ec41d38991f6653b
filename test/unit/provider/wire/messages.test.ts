import { expect, test } from "vitest";
import { messagesForm } from "../../../../src/provider/wire/messages.ts";
import { usageOf } from "../../../helpers/answer.ts";
import { readReply } from "./read-reply.ts";

const text = (said: string) => ({ type: "text", text: said });
const thinking = { type: "thinking", thinking: "hm", signature: "s" };

const read = (content: unknown, rest: object = {}) =>
  readReply(messagesForm, { type: "message", model: "m-1", content, stop_reason: "end_turn", ...rest });

test("the text of all blocks is the answer, without what was thought", () => {
  expect(read([thinking, text("a"), text("b")])).toEqual({
    output: '"ab"',
    model: "m-1",
    finishReason: "end_turn",
    usage: usageOf({ inputTokens: 0, outputTokens: 0 }),
    serviceTier: null,
  });
});

test("calls of tools stand in for a text that isn't there, with the digits of their numbers, on one line", () => {
  const use = '{"type": "tool_use", "id": "t", "name": "f", "input": {"n": 12345678901234567890, "x": 1.10}}';
  const body = `{"content": [\n ${JSON.stringify(thinking)},\n ${use}\n], "stop_reason": "tool_use"}`;
  expect(messagesForm.read(JSON.parse(body), body)).toMatchObject({
    output: '[{"type":"tool_use","id":"t","name":"f","input":{"n":12345678901234567890,"x":1.10}}]',
    finishReason: "tool_use",
  });
  expect(read([text("x"), JSON.parse(use)])?.output).toBe('"x"');
});

test("what was read from the cache or written to it is input too", () => {
  const usage = {
    input_tokens: 10,
    cache_read_input_tokens: 60,
    cache_creation_input_tokens: 30,
    cache_creation: { ephemeral_5m_input_tokens: 18, ephemeral_1h_input_tokens: 12 },
    output_tokens: 50,
    output_tokens_details: { thinking_tokens: 20 },
    service_tier: "standard",
  };
  expect(read([text("x")], { usage })).toMatchObject({
    usage: {
      inputTokens: 100,
      cachedInputTokens: 60,
      cacheWriteTokens: 30,
      longCacheWriteTokens: 12,
      outputTokens: 50,
      reasoningTokens: 20,
    },
    serviceTier: "standard",
  });
});

test("figures that are null count for nothing", () => {
  const usage = { input_tokens: 5, cache_read_input_tokens: null, output_tokens: 7 };
  expect(read([text("x")], { usage })?.usage).toEqual(usageOf({ inputTokens: 5, outputTokens: 7 }));
});

test.each([null, [], 7, {}, { content: "text" }])("%j is no answer", (reply) => {
  expect(readReply(messagesForm, reply)).toBeNull();
});

test.each([[[]], [[thinking]], [[null, 7, { type: "text" }]]])("%j says nothing", (content) => {
  expect(read(content)?.output).toBe('""');
});

test("the key goes where the provider looks for it, and the version of the API with it", () => {
  const version = { "anthropic-version": "2023-06-01" };
  expect(messagesForm.headers("k", "anthropic")).toEqual({ ...version, "x-api-key": "k" });
  expect(messagesForm.headers("k", "openrouter")).toEqual({ ...version, authorization: "Bearer k" });
  expect(messagesForm.headers(null, "generic")).toEqual(version);
});
