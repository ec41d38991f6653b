import { expect, test } from "vitest";
import { compileRequest } from "../../../src/request/compile-request.ts";
import { requestSettings } from "../../helpers/request-settings.ts";

/** The JSON text that a request to Anthropic carries for the text of a schema. */
function sent(schema: string): string {
  const settings = requestSettings({ api: "messages", jsonSchema: schema });
  const { body } = compileRequest(settings)('{"prompt":"Hi"}', null);
  return body.slice(body.indexOf('"schema":') + '"schema":'.length, -"}}}".length);
}

const sentFor = (schema: object): unknown => JSON.parse(sent(JSON.stringify(schema)));

test("a schema that Anthropic takes goes out byte for byte", () => {
  const json =
    '{"type":"object","properties":{"2":{"type":"integer","enum":[12345678901234567890]},"1":{"type":"array",' +
    '"items":{"$ref":"#/$defs/a"},"minItems":1}},"required":["2"],"additionalProperties":false,' +
    '"$defs":{"a":{"type":"string","format":"uri","description":"d"}}}';
  expect(sent(json)).toBe(json);
});

test("every object has no properties but its own", () => {
  const inner = { type: "object", properties: { a: { type: "string" } } };
  const closed = { ...inner, additionalProperties: false };
  expect(
    sentFor({
      type: "object",
      properties: { one: inner, list: { type: "array", items: inner }, either: { anyOf: [inner] } },
      additionalProperties: true,
      $defs: { inner },
    }),
  ).toEqual({
    type: "object",
    properties: { one: closed, list: { type: "array", items: closed }, either: { anyOf: [closed] } },
    additionalProperties: false,
    $defs: { inner: closed },
  });
});

test("what it doesn't take is told to the model in words", () => {
  expect(
    sentFor({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      properties: {
        age: { type: "integer", minimum: 0, maximum: 150, description: "In years." },
        tags: { type: "array", items: { type: "string", format: "color" }, minItems: 2 },
      },
    }),
  ).toEqual({
    type: "object",
    properties: {
      age: { type: "integer", description: 'In years.\n\n{"minimum":0,"maximum":150}' },
      tags: {
        type: "array",
        items: { type: "string", description: '{"format":"color"}' },
        description: '{"minItems":2}',
      },
    },
    additionalProperties: false,
  });
});

test("a property may be called like a keyword", () => {
  const properties = { minimum: { type: "number" }, oneOf: { type: "string" } };
  expect(sentFor({ type: "object", properties })).toMatchObject({ properties });
});

test("one of several is any of them, and a reference stands alone", () => {
  const branches = [{ $ref: "#/$defs/a", description: "d" }, { type: "null" }];
  expect(sentFor({ oneOf: branches, $defs: { a: { type: "string" } } })).toEqual({
    anyOf: [{ $ref: "#/$defs/a" }, { type: "null" }],
    $defs: { a: { type: "string" } },
  });
});

test("an object of any names is left to be refused, as closed it would always be empty", () => {
  const map = { type: "object", additionalProperties: { type: "string" } };
  expect(sentFor({ type: "object", properties: { map, free: { type: "object" } } })).toMatchObject({
    properties: { map, free: { type: "object" } },
  });
});
