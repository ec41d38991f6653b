import { describe, expect, test } from "vitest";
import { Rehearsal } from "../../helpers/rehearsal.ts";

test("an answer has the form of a chat completion", async () => {
  const rehearsal = await Rehearsal.start();
  const { status, headers, json } = await rehearsal.ask("What is 2 + 2?");
  expect(status).toBe(200);
  expect(headers["content-type"]).toBe("application/json");
  expect(headers["x-request-id"]).toMatch(/^req_[0-9a-f]{16}$/);
  expect(json).toEqual({
    id: expect.stringMatching(/^chatcmpl-[0-9a-f]{16}$/),
    object: "chat.completion",
    created: Date.UTC(2026, 0, 1) / 1_000,
    model: "sim",
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: expect.stringMatching(/^This is answer [0-9a-f]{8}\.$/),
          refusal: null,
        },
        logprobs: null,
        finish_reason: "stop",
      },
    ],
    usage: {
      prompt_tokens: 7,
      completion_tokens: 6,
      total_tokens: 13,
      prompt_tokens_details: { cached_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0 },
    },
    service_tier: "default",
  });
});

test("the path works without its version too", async () => {
  const rehearsal = await Rehearsal.start();
  const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "hi" }] });
  expect((await rehearsal.send("POST", "/chat/completions", body)).json.model).toBe("m");
});

test("the same prompt and seed give the same answer, others another one", async () => {
  const [first, second, seeded] = await Promise.all([
    Rehearsal.start(),
    Rehearsal.start(),
    Rehearsal.start("seed=2"),
  ]);
  const text = async (rehearsal: Rehearsal, prompt: string) =>
    (await rehearsal.ask(prompt)).json.choices[0].message.content;
  const answer = await text(first, "a");
  expect(await text(first, "a")).toBe(answer);
  expect(await text(second, "a")).toBe(answer);
  expect(await text(first, "b")).not.toBe(answer);
  expect(await text(seeded, "a")).not.toBe(answer);
});

test("each call has its own id, the same in every rehearsal", async () => {
  const [first, second] = await Promise.all([Rehearsal.start(), Rehearsal.start()]);
  const ids = async (rehearsal: Rehearsal) => [
    (await rehearsal.ask("a")).json.id,
    (await rehearsal.ask("a")).json.id,
  ];
  const [one, two] = await ids(first);
  expect(one).not.toBe(two);
  expect(await ids(second)).toEqual([one, two]);
});

test("echo answers with the text of the user's messages, parts joined", async () => {
  const rehearsal = await Rehearsal.start("answer=echo");
  const messages = [
    { role: "system", content: "Be brief." },
    {
      role: "user",
      content: [
        { type: "text", text: "Grüße, " },
        { type: "text", text: "你好 🙂" },
      ],
    },
    { role: "assistant", content: null },
    { role: "user", content: "and more" },
  ];
  const { json } = await rehearsal.ask("", { body: { messages } });
  expect(json.choices[0].message.content).toBe("Grüße, 你好 🙂\nand more");
});

test("an answer is cut at max_tokens, never inside a character", async () => {
  const rehearsal = await Rehearsal.start("answer=echo");
  const { json } = await rehearsal.ask("你好你好", { body: { max_tokens: 2 } });
  expect(json.choices[0]).toMatchObject({ message: { content: "你好" }, finish_reason: "length" });
  expect(json.usage.completion_tokens).toBe(2);
});

test("max_completion_tokens goes before max_tokens", async () => {
  const rehearsal = await Rehearsal.start("output-tokens=100");
  const { json } = await rehearsal.ask("a", { body: { max_tokens: 50, max_completion_tokens: 20 } });
  expect(json.usage.completion_tokens).toBe(20);
});

test("a long answer is as long as its tokens say", async () => {
  const rehearsal = await Rehearsal.start("answer=lorem", "output-tokens=uniform:50-200");
  const lengths = await Promise.all(
    ["a", "b", "c", "d"].map(async (prompt) => {
      const { json } = await rehearsal.ask(prompt);
      expect(json.choices[0].message.content.length).toBe(json.usage.completion_tokens * 4);
      return json.usage.completion_tokens as number;
    }),
  );
  expect(Math.min(...lengths)).toBeGreaterThanOrEqual(50);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(200);
  expect(new Set(lengths).size).toBeGreaterThan(1);
});

test("a share of the input is reported as cached", async () => {
  const rehearsal = await Rehearsal.start("cached=50%");
  const { json } = await rehearsal.ask("x".repeat(400));
  expect(json.usage).toMatchObject({ prompt_tokens: 103, prompt_tokens_details: { cached_tokens: 51 } });
});

test("a share of the output is reported as thought", async () => {
  const rehearsal = await Rehearsal.start("reasoning=25%", "output-tokens=100");
  const { json } = await rehearsal.ask("a");
  expect(json.usage).toMatchObject({
    completion_tokens: 100,
    completion_tokens_details: { reasoning_tokens: 25 },
  });
});

test("the tier that was asked for is the one that is charged", async () => {
  const rehearsal = await Rehearsal.start();
  expect((await rehearsal.ask("a", { body: { service_tier: "flex" } })).json.service_tier).toBe("flex");
  expect((await rehearsal.ask("a", { body: { service_tier: "auto" } })).json.service_tier).toBe("default");
});

describe("a bad request is refused in OpenAI's form:", () => {
  test.each([
    ["no JSON", "{", null],
    ["no object", "[]", null],
    ["no model", '{"messages":[{"role":"user","content":"a"}]}', "model"],
    ["no messages", '{"model":"m"}', "messages"],
    ["empty messages", '{"model":"m","messages":[]}', "messages"],
    ["a message without a role", '{"model":"m","messages":[{"content":"a"}]}', "messages[0]"],
    ["a message without content", '{"model":"m","messages":[{"role":"user"}]}', "messages[0]"],
    [
      "a limit of no tokens",
      '{"model":"m","max_tokens":0,"messages":[{"role":"user","content":"a"}]}',
      "max_tokens",
    ],
    ["streaming", '{"model":"m","stream":true,"messages":[{"role":"user","content":"a"}]}', "stream"],
    ["several answers", '{"model":"m","n":2,"messages":[{"role":"user","content":"a"}]}', "n"],
  ])("%s", async (_what, body, param) => {
    const rehearsal = await Rehearsal.start();
    const { status, json } = await rehearsal.send("POST", "/v1/chat/completions", body);
    expect(status).toBe(400);
    expect(json).toEqual({
      error: { message: expect.any(String), type: "invalid_request_error", param, code: null },
    });
  });
});

test("another key, or none, gets a 401 that doesn't repeat it", async () => {
  const rehearsal = await Rehearsal.start("require-key=right");
  const wrong = await rehearsal.ask("a", { headers: { authorization: "Bearer wrong-key" } });
  expect(wrong.status).toBe(401);
  expect(wrong.json.error.code).toBe("invalid_api_key");
  expect(wrong.text).not.toContain("wrong-key");
  expect((await rehearsal.ask("a")).status).toBe(401);
  expect((await rehearsal.ask("a", { headers: { authorization: "Bearer right" } })).status).toBe(200);
  expect((await rehearsal.get("/v1/models")).status).toBe(401);
});

test("a model that isn't there gets a 404", async () => {
  const rehearsal = await Rehearsal.start("models=one,two");
  const { status, json } = await rehearsal.ask("a", { body: { model: "three" } });
  expect(status).toBe(404);
  expect(json.error).toMatchObject({
    code: "model_not_found",
    param: "model",
    message: expect.stringContaining("three"),
  });
  expect((await rehearsal.ask("a", { body: { model: "two" } })).status).toBe(200);
  const models = await rehearsal.get("/v1/models");
  expect(models.json.data.map(({ id }: { id: string }) => id)).toEqual(["one", "two"]);
});

test("an unknown path gets a 404", async () => {
  const rehearsal = await Rehearsal.start();
  expect((await rehearsal.send("POST", "/v1/nothing", "{}")).json.error.code).toBe("unknown_url");
  expect((await rehearsal.get("/v1/chat/completions")).status).toBe(404);
});
