import { describe, expect, test } from "vitest";
import { compileAnswerCheck } from "../../../src/answer/compile-check.ts";
import type { Outcome } from "../../../src/domain/outcome.ts";
import { answerOf } from "../../helpers/answer.ts";
import { outcomeOf } from "../../helpers/outcome.ts";

const SCHEMA = {
  type: "object",
  properties: {
    city: { type: "string" },
    people: { type: "integer", minimum: 0 },
    size: { enum: ["small", "large"] },
  },
  required: ["city"],
  additionalProperties: false,
};

async function checked(text: string, finishReason = "stop", schema: object = SCHEMA): Promise<Outcome> {
  const check = await compileAnswerCheck(JSON.stringify(schema));
  return check(outcomeOf("succeeded", { answer: answerOf({ output: JSON.stringify(text), finishReason }) }));
}

describe("an answer that fits", () => {
  test("becomes the JSON itself, on one line, with every digit", async () => {
    const outcome = await checked('{\n  "city": "Ulm\\u00e4",\n  "people": 12345678901234567890\n}\n');
    expect(outcome.kind).toBe("succeeded");
    expect(outcome.answer?.output).toBe('{"city":"Ulm\\u00e4","people":12345678901234567890}');
  });

  test.each(['```json\n{"city": "Ulm"}\n```', '```\r\n{"city":"Ulm"}\n```\n', '  {"city":"Ulm"}  '])(
    "may stand in a fence or in space: %j",
    async (text) => {
      expect(await checked(text)).toMatchObject({ kind: "succeeded", answer: { output: '{"city":"Ulm"}' } });
    },
  );

  test("may have ended just at the limit", async () => {
    expect((await checked('{"city":"Ulm"}', "length")).kind).toBe("succeeded");
  });
});

describe("an answer that doesn't fit is invalid and names place and rule:", () => {
  test.each([
    ["{}", "the answer's top level must have required property 'city'"],
    ['{"city":7}', "the answer's /city must be string"],
    ['{"city":"Ulm","people":-1}', "the answer's /people must be >= 0"],
    [
      '{"city":"Ulm","size":"huge"}',
      'the answer\'s /size must be equal to one of the allowed values: ["small","large"]',
    ],
    ['{"city":"Ulm","x":1}', 'the answer\'s top level must NOT have additional properties: "x"'],
    ["[]", "the answer's top level must be object"],
    ["null", "the answer's top level must be object"],
  ])("%s", async (text, message) => {
    const outcome = await checked(text);
    expect(outcome).toMatchObject({ kind: "invalid", code: "schema_mismatch", message, httpStatus: 200 });
    expect(outcome.answer?.output).toBe(JSON.stringify(text));
  });
});

describe("an answer that is no JSON is invalid and shows how it begins:", () => {
  test.each([
    ["Sure! Here it is: {}", 'the answer is not JSON: "Sure! Here it is: {}"'],
    ['{"city":"Ulm"} as you wished', 'the answer is not JSON: "{\\"city\\":\\"Ulm\\"} as you wished"'],
    ["{'city': 'Ulm'}", "the answer is not JSON: \"{'city': 'Ulm'}\""],
    ["```json\n{\n```", 'the answer is not JSON: "{"'],
    ["x".repeat(200), `the answer is not JSON: "${"x".repeat(79)}…"`],
  ])("%j", async (text, message) => {
    expect(await checked(text)).toMatchObject({ kind: "invalid", code: "not_json", message });
  });

  test("a call of a tool", async () => {
    const check = await compileAnswerCheck("{}");
    const outcome = check(outcomeOf("succeeded", { answer: answerOf({ output: '[{"type":"tool_use"}]' }) }));
    expect(outcome).toMatchObject({ kind: "invalid", code: "not_json" });
  });
});

describe("an answer that was cut off", () => {
  test.each(["length", "max_tokens", "model_context_window_exceeded"])(
    "says so and what helps: %s",
    async (reason) => {
      const outcome = await checked('{"city":"Ul', reason);
      expect(outcome).toMatchObject({ kind: "invalid", code: "truncated" });
      expect(outcome.message).toContain(reason);
      expect(outcome.message).toContain("--max-tokens");
    },
  );

  test("in a number is not taken for a smaller one", async () => {
    const schema = { type: "integer" };
    expect(await checked("12", "length", schema)).toMatchObject({ kind: "invalid", code: "truncated" });
    expect((await checked("12", "stop", schema)).kind).toBe("succeeded");
  });
});

test("an outcome without an answer stays as it is", async () => {
  const outcome = outcomeOf("transient");
  expect((await compileAnswerCheck("{}"))(outcome)).toBe(outcome);
});

test("an answer nested deeper than a schema that refers to itself can be followed is invalid", async () => {
  const list = { type: "array", items: { $ref: "#/$defs/list" } };
  const schema = { type: "object", properties: { x: { $ref: "#/$defs/list" } }, $defs: { list } };
  const deep = `{"x":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
  const outcome = await checked(deep, "stop", schema);
  expect(outcome).toMatchObject({ kind: "invalid", code: "schema_mismatch" });
  expect(outcome.message).toContain("too deep");
});

test("an answer that leads any other part of the schema astray is invalid", async () => {
  const node = (op: string): object => ({ properties: { of: { $ref: "#" }, op: { const: op } } });
  const tree = {
    oneOf: [{ type: "number" }, ...["add", "sub", "mul"].map((op) => ({ type: "object", ...node(op) }))],
  };
  const deep = `${'{"op":"mul","of":'.repeat(30)}1${"}".repeat(30)}`;
  const many = JSON.stringify(Array.from({ length: 30_000 }, (_, n) => ({ n })));
  for (const [text, schema] of [
    [deep, tree],
    [many, { uniqueItems: true }],
  ] as const) {
    const outcome = await checked(text, "stop", schema);
    expect(outcome).toMatchObject({ kind: "invalid", code: "schema_mismatch" });
    expect(outcome.message).toContain("takes too long");
  }
});

test("an answer that leads a pattern of the schema astray is invalid, and the next one is checked as ever", async () => {
  const schema = { type: "object", properties: { x: { type: "string", pattern: "^(a+)+$" } } };
  const check = await compileAnswerCheck(JSON.stringify(schema));
  const ask = (x: string): Outcome =>
    check(
      outcomeOf("succeeded", {
        answer: answerOf({ output: JSON.stringify(JSON.stringify({ x })), finishReason: "stop" }),
      }),
    );
  const outcome = ask(`${"a".repeat(40)}!`);
  expect(outcome).toMatchObject({ kind: "invalid", code: "schema_mismatch" });
  expect(outcome.message).toContain("takes too long");
  expect(ask("aaa").kind).toBe("succeeded");
  expect(ask("b").message).toBe('the answer\'s /x must match pattern "^(a+)+$"');
});
