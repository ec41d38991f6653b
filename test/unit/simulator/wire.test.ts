import { describe, expect, test } from "vitest";
import { Rehearsal, type Reply } from "../../helpers/rehearsal.ts";

const send = (rehearsal: Rehearsal, path: string, body: object, headers: Record<string, string> = {}) =>
  rehearsal.send("POST", path, JSON.stringify({ model: "m", ...body }), headers);

describe("responses", () => {
  const PATH = "/v1/responses";

  test("answer a text or messages", async () => {
    const rehearsal = await Rehearsal.start("answer=echo", "cached=50%", "reasoning=50%");
    const input = [
      { role: "user", content: [{ type: "input_text", text: "four score and " }] },
      { type: "function_call_output", call_id: "c", output: "{}" },
      { role: "user", content: "seven" },
    ];
    const { json } = await send(rehearsal, PATH, { input, instructions: "Go on.", service_tier: "flex" });
    expect(json).toMatchObject({
      object: "response",
      status: "completed",
      error: null,
      output: [{ type: "message", content: [{ type: "output_text", text: "four score and \nseven" }] }],
      usage: { input_tokens: 14, input_tokens_details: { cached_tokens: 7 }, output_tokens: 6 },
      service_tier: "flex",
    });
    expect(json.usage.output_tokens_details.reasoning_tokens).toBe(3);
    expect((await send(rehearsal, PATH, { input: "hi" })).json.output[0].content[0].text).toBe("hi");
  });

  test("that are cut off are incomplete", async () => {
    const rehearsal = await Rehearsal.start("output-tokens=100");
    const { json } = await send(rehearsal, PATH, { input: "hi", max_output_tokens: 5 });
    expect(json).toMatchObject({
      status: "incomplete",
      incomplete_details: { reason: "max_output_tokens" },
      usage: { output_tokens: 5 },
    });
  });
});

describe("embeddings", () => {
  const PATH = "/v1/embeddings";
  const vectors = ({ json }: Reply): number[][] =>
    json.data.map(({ embedding }: { embedding: number[] }) => embedding);

  test("have as many numbers as the setting or the request says, and the length 1", async () => {
    const rehearsal = await Rehearsal.start();
    const small = vectors(await send(rehearsal, PATH, { input: "a" }))[0]!;
    const large = vectors(await send(rehearsal, PATH, { input: "a", dimensions: 256 }))[0]!;
    expect([small.length, large.length]).toEqual([8, 256]);
    expect(Math.hypot(...large)).toBeCloseTo(1, 6);
    const set = await Rehearsal.start("dim=3");
    expect(vectors(await send(set, PATH, { input: "a" }))[0]).toHaveLength(3);
  });

  test("are the same for the same input, wherever it stands, and cost no output", async () => {
    const rehearsal = await Rehearsal.start();
    const reply = await send(rehearsal, PATH, { input: ["a", "b", "a"] });
    const [first, second, third] = vectors(reply);
    expect(third).toEqual(first);
    expect(second).not.toEqual(first);
    expect(vectors(await send(rehearsal, PATH, { input: "a" }))[0]).toEqual(first);
    expect(reply.json.usage).toEqual({ prompt_tokens: 3, total_tokens: 3 });
    expect(rehearsal.simulator.stats().tokens.output).toBe(0);
  });

  test("in base64 are the same numbers", async () => {
    const rehearsal = await Rehearsal.start();
    const numbers = vectors(await send(rehearsal, PATH, { input: "a" }))[0]!;
    const { json } = await send(rehearsal, PATH, { input: "a", encoding_format: "base64" });
    const bytes = Buffer.from(json.data[0].embedding, "base64");
    const decoded = numbers.map((_, at) => bytes.readFloatLE(at * 4));
    expect(decoded.map(Math.fround)).toEqual(numbers.map(Math.fround));
  });

  test("take a list of tokens as one input", async () => {
    const rehearsal = await Rehearsal.start();
    expect(vectors(await send(rehearsal, PATH, { input: [1, 2, 3] }))).toHaveLength(1);
    expect(vectors(await send(rehearsal, PATH, { input: [[1, 2], [3]] }))).toHaveLength(2);
    expect((await send(rehearsal, PATH, { input: [] })).status).toBe(400);
  });
});

test("completions answer each prompt", async () => {
  const rehearsal = await Rehearsal.start();
  const { json } = await send(rehearsal, "/v1/completions", { prompt: ["a", "b"], max_tokens: 2 });
  expect(json.object).toBe("text_completion");
  expect(json.choices).toMatchObject([
    { index: 0, text: "This is ", finish_reason: "length" },
    { index: 1, text: "This is ", finish_reason: "length" },
  ]);
});

test("moderations need no model and flag nothing", async () => {
  const rehearsal = await Rehearsal.start();
  const { json } = await rehearsal.send("POST", "/v1/moderations", '{"input":["a","b"]}');
  expect(json.results).toHaveLength(2);
  expect(json.results[0]).toMatchObject({ flagged: false, categories: { hate: false } });
  expect(json.results[0].category_scores.hate).not.toBe(json.results[1].category_scores.hate);
});

describe("messages", () => {
  const PATH = "/v1/messages";
  const BODY = { max_tokens: 100, messages: [{ role: "user", content: "hi" }] };

  test("answer in Anthropic's form, and count cached input apart", async () => {
    const rehearsal = await Rehearsal.start("answer=echo", "cached=50%");
    const { json, headers } = await send(rehearsal, PATH, { ...BODY, system: "Be brief." });
    expect(json).toMatchObject({
      type: "message",
      role: "assistant",
      content: [{ type: "text", text: "hi" }],
      stop_reason: "end_turn",
      usage: { input_tokens: 4, cache_read_input_tokens: 3, output_tokens: 1 },
    });
    expect(headers["request-id"]).toMatch(/^req_/);
  });

  test("end at max_tokens, which must be there", async () => {
    const rehearsal = await Rehearsal.start("output-tokens=100");
    expect((await send(rehearsal, PATH, { ...BODY, max_tokens: 5 })).json).toMatchObject({
      stop_reason: "max_tokens",
      usage: { output_tokens: 5 },
    });
    const { status, json } = await send(rehearsal, PATH, { messages: BODY.messages });
    expect(status).toBe(400);
    expect(json).toEqual({
      type: "error",
      error: { type: "invalid_request_error", message: "max_tokens: Field required" },
    });
  });

  test("take the key in either header", async () => {
    const rehearsal = await Rehearsal.start("require-key=right");
    const status = async (headers: Record<string, string>) =>
      (await send(rehearsal, PATH, BODY, headers)).status;
    expect(await status({ "x-api-key": "right" })).toBe(200);
    expect(await status({ authorization: "Bearer right" })).toBe(200);
    expect(await status({ "x-api-key": "wrong" })).toBe(401);
  });

  test.each([
    ["401", 401, "authentication_error"],
    ["403", 403, "permission_error"],
    ["404", 404, "not_found_error"],
    ["429", 429, "rate_limit_error"],
    ["500", 500, "api_error"],
    ["529", 529, "overloaded_error"],
    ["insufficient-quota", 429, "billing_error"],
    ["context-length", 400, "invalid_request_error"],
  ])("fail in Anthropic's words: %s", async (fault, status, type) => {
    const rehearsal = await Rehearsal.start(`fault=${fault}`);
    const reply = await send(rehearsal, PATH, BODY);
    expect(reply.status).toBe(status);
    expect(reply.json).toEqual({ type: "error", error: { type, message: expect.any(String) } });
  });
});

const SCHEMA = {
  type: "object",
  properties: { city: { type: "string" }, people: { type: "integer" } },
  required: ["city", "people"],
  additionalProperties: false,
};
const PLACE = { city: expect.any(String), people: expect.any(Number) };
const MESSAGES = [{ role: "user", content: "Where?" }];

/** Each API's way to ask for JSON, and to give it. */
const ASKED: [path: string, body: object, text: (reply: Reply) => string][] = [
  [
    "/v1/chat/completions",
    {
      messages: MESSAGES,
      response_format: { type: "json_schema", json_schema: { name: "place", schema: SCHEMA } },
    },
    ({ json }) => json.choices[0].message.content,
  ],
  [
    "/v1/responses",
    { input: "Where?", text: { format: { type: "json_schema", name: "place", schema: SCHEMA } } },
    ({ json }) => json.output[0].content[0].text,
  ],
  [
    "/v1/messages",
    {
      max_tokens: 100,
      messages: MESSAGES,
      output_config: { format: { type: "json_schema", schema: SCHEMA } },
    },
    ({ json }) => json.content[0].text,
  ],
];

describe.each(ASKED)("asked for JSON that fits a schema, %s", (path, body, text) => {
  test("gives it", async () => {
    const rehearsal = await Rehearsal.start();
    expect(JSON.parse(text(await send(rehearsal, path, body)))).toEqual(PLACE);
  });

  test("gives JSON that doesn't fit where the fault strikes", async () => {
    const rehearsal = await Rehearsal.start("fault=invalid:times=1");
    expect(JSON.parse(text(await send(rehearsal, path, body)))).toEqual([PLACE]);
    expect(JSON.parse(text(await send(rehearsal, path, body)))).toEqual(PLACE);
    expect(rehearsal.simulator.stats()).toMatchObject({ succeeded: 1, by_fault: { invalid: 1 } });
  });

  test("is cut off where the fault strikes, and says so", async () => {
    const rehearsal = await Rehearsal.start("fault=cut");
    const reply = await send(rehearsal, path, body);
    expect(() => JSON.parse(text(reply))).toThrow(SyntaxError);
    expect(reply.text).toMatch(/"(length|incomplete|max_tokens)"/);
  });
});

test("JSON of no schema is an object", async () => {
  const rehearsal = await Rehearsal.start();
  const { json } = await rehearsal.ask("a", { body: { response_format: { type: "json_object" } } });
  expect(JSON.parse(json.choices[0].message.content)).toEqual({ answer: expect.any(String) });
});

describe.each([
  ["/v1/responses", { input: "a" }],
  ["/v1/messages", { max_tokens: 9, messages: MESSAGES }],
  ["/v1/embeddings", { input: "a" }],
  ["/v1/completions", { prompt: "a" }],
  ["/v1/moderations", { input: "a" }],
])("%s", (path, body) => {
  test.each(["empty", "wrong-type", "non-json"])("can give a 200 that is no answer: %s", async (fault) => {
    const rehearsal = await Rehearsal.start(`fault=${fault}`);
    const spoilt = await send(rehearsal, path, body);
    const whole = await send(await Rehearsal.start(), path, body);
    expect([spoilt.status, whole.status]).toEqual([200, 200]);
    expect(spoilt.text).not.toBe(whole.text);
    expect(rehearsal.simulator.stats().succeeded).toBe(0);
  });

  test("refuses what is no object", async () => {
    const rehearsal = await Rehearsal.start();
    expect((await rehearsal.send("POST", path, "[]")).status).toBe(400);
    expect((await rehearsal.send("POST", path, "{")).status).toBe(400);
    expect((await rehearsal.send("POST", path, "{}")).status).toBe(400);
  });
});
