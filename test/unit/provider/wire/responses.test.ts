import { expect, test } from "vitest";
import { responsesForm } from "../../../../src/provider/wire/responses.ts";
import { usageOf } from "../../../helpers/answer.ts";
import { readReply } from "./read-reply.ts";

const message = (...content: object[]) => ({ type: "message", role: "assistant", content });
const text = (said: string) => ({ type: "output_text", text: said, annotations: [] });
const call = { type: "function_call", call_id: "c", name: "f", arguments: '{"a":1}' };

const read = (output: unknown, rest: object = {}) =>
  readReply(responsesForm, { model: "m-1", status: "completed", output, ...rest });

test("the text of all messages is the answer, without what was thought", () => {
  const thought = { type: "reasoning", summary: [{ type: "summary_text", text: "hm" }] };
  expect(read([thought, message(text("a"), text("b")), message(text("c"))])).toEqual({
    output: '"abc"',
    model: "m-1",
    finishReason: "stop",
    usage: usageOf({ inputTokens: 0, outputTokens: 0 }),
    serviceTier: null,
  });
});

test("what is said on the way to the answer is left out", () => {
  const commentary = { ...message(text("Let me see. ")), phase: "commentary" };
  const final = { ...message(text("42")), phase: "final_answer" };
  expect(read([commentary, final])?.output).toBe('"42"');
});

test("calls stand in for a text that isn't there, byte for byte", () => {
  const answer = read([{ type: "reasoning", summary: [] }, call]);
  expect(answer).toMatchObject({ output: JSON.stringify([call]), finishReason: "tool_calls" });
  expect(read([message(text("x")), call])?.output).toBe('"x"');
});

test.each(["computer_call", "shell_call", "apply_patch_call", "mcp_approval_request"])(
  "what the caller is to act on is no empty answer: %s",
  (type) => {
    expect(read([{ type, id: "c" }])?.output).toBe(`[{"type":"${type}","id":"c"}]`);
  },
);

test("a refusal is an answer", () => {
  expect(read([message({ type: "refusal", refusal: "I can't." })])?.output).toBe('"I can\'t."');
});

test.each([
  ["max_output_tokens", "length"],
  ["content_filter", "content_filter"],
  ["constructor", "constructor"],
])("an answer that is incomplete for %s ended by %s", (reason, finishReason) => {
  const answer = read([message(text("half"))], { status: "incomplete", incomplete_details: { reason } });
  expect(answer).toMatchObject({ output: '"half"', finishReason });
});

test.each(["queued", "in_progress", "cancelled"])("a response that is %s holds no answer", (status) => {
  expect(read([message(text("x"))], { status })).toBeNull();
});

test.each([null, [], 7, "x", {}, { output: {} }])("%j is no answer", (reply) => {
  expect(readReply(responsesForm, reply)).toBeNull();
});

test.each([[[]], [[null, 7]], [[{ type: "message", content: null }]]])("%j says nothing", (output) => {
  expect(read(output)?.output).toBe('""');
});

test("usage counts what was cached, written to the cache, and thought", () => {
  const usage = {
    input_tokens: 100,
    input_tokens_details: { cached_tokens: 60, cache_write_tokens: 20 },
    output_tokens: 50,
    output_tokens_details: { reasoning_tokens: 30 },
    total_tokens: 150,
  };
  expect(read([message(text("x"))], { usage, service_tier: "flex" })).toMatchObject({
    usage: {
      inputTokens: 100,
      cachedInputTokens: 60,
      cacheWriteTokens: 20,
      outputTokens: 50,
      reasoningTokens: 30,
    },
    serviceTier: "flex",
  });
});
