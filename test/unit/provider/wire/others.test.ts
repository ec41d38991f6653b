import { describe, expect, test } from "vitest";
import { completionsForm } from "../../../../src/provider/wire/completions.ts";
import { embeddingsForm } from "../../../../src/provider/wire/embeddings.ts";
import { moderationsForm } from "../../../../src/provider/wire/moderations.ts";
import { usageOf } from "../../../helpers/answer.ts";
import { readReply } from "./read-reply.ts";

describe("an embedding", () => {
  const read = (body: string) => embeddingsForm.read(JSON.parse(body), body);

  test("is its numbers with every digit that came, on one line", () => {
    const body = `{
      "data": [{"index": 0, "embedding": [
        -0.0023064255, 1e-10,
        0.10000000000000000555
      ]}],
      "model": "e-1", "usage": {"prompt_tokens": 8, "total_tokens": 8}}`;
    expect(read(body)).toEqual({
      output: "[-0.0023064255,1e-10,0.10000000000000000555]",
      model: "e-1",
      finishReason: null,
      usage: usageOf({ inputTokens: 8, outputTokens: 0 }),
      serviceTier: null,
    });
  });

  test("of several inputs is a list of lists", () => {
    expect(read('{"data":[{"embedding":[1.0,2]},{"embedding":[3,4]}]}')?.output).toBe("[[1.0,2],[3,4]]");
  });

  test("in base64 is a text", () => {
    expect(read('{"data":[{"embedding":"AACAPw=="}]}')?.output).toBe('"AACAPw=="');
  });

  test.each([
    "null",
    "{}",
    '{"data":[]}',
    '{"data":{}}',
    '{"data":[{"embedding":[]}]}',
    '{"data":[{"embedding":""}]}',
    '{"data":[{"embedding":[1]},null]}',
  ])("isn't in %s", (body) => {
    expect(read(body)).toBeNull();
  });
});

describe("a completion", () => {
  test("is its text", () => {
    const reply = {
      model: "m-1",
      choices: [{ text: "\n\nyes", finish_reason: "length" }],
      usage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 },
    };
    expect(readReply(completionsForm, reply)).toEqual({
      output: '"\\n\\nyes"',
      model: "m-1",
      finishReason: "length",
      usage: usageOf({ inputTokens: 5, outputTokens: 7 }),
      serviceTier: null,
    });
  });

  test("of several prompts is a list of texts", () => {
    expect(readReply(completionsForm, { choices: [{ text: "a" }, { text: "b" }] })?.output).toBe('["a","b"]');
  });

  test.each([null, {}, { choices: [] }, { choices: [{ message: { content: "chat" } }] }])(
    "isn't in %j",
    (reply) => {
      expect(readReply(completionsForm, reply)).toBeNull();
    },
  );
});

describe("a moderation", () => {
  test("is its results, with the scores as they came", () => {
    const body =
      '{"model": "mod-1", "results": [\n{"flagged": false, "category_scores": {"hate": 1.10e-7}}\n]}';
    expect(moderationsForm.read(JSON.parse(body), body)).toEqual({
      output: '[{"flagged":false,"category_scores":{"hate":1.10e-7}}]',
      model: "mod-1",
      finishReason: null,
      usage: usageOf({ inputTokens: 0, outputTokens: 0 }),
      serviceTier: null,
    });
  });

  test.each([null, {}, { results: [] }, { results: {} }])("isn't in %j", (reply) => {
    expect(readReply(moderationsForm, reply)).toBeNull();
  });
});
