import { expect, test } from "vitest";
import { compileRequest } from "../../../src/request/compile-request.ts";
import { requestSettings } from "../../helpers/request-settings.ts";

/** Whether a schema with this one in it goes out as strict. */
function isStrict(part: object, more: object = {}): boolean {
  const schema = {
    type: "object",
    properties: { part },
    required: ["part"],
    additionalProperties: false,
    ...more,
  };
  const settings = requestSettings({ jsonSchema: JSON.stringify(schema) });
  const { body } = compileRequest(settings)('{"prompt":"Hi"}', null);
  return JSON.parse(body).response_format.json_schema.strict;
}

test.each<[string, object]>([
  ["a text", { type: "string", title: "T", description: "d", pattern: "^a", format: "date-time" }],
  ["one of several texts", { type: "string", enum: ["a", "b"] }],
  ["a number within bounds", { type: ["integer", "null"], minimum: 0, exclusiveMaximum: 9, multipleOf: 3 }],
  ["a list", { type: "array", items: { type: "string" }, minItems: 1, maxItems: 3 }],
  ["a union", { anyOf: [{ type: "string" }, { type: "null" }] }],
  ["a reference", { $ref: "#" }],
  ["a property that is called like a keyword", { ...object({ not: { type: "string" } }), title: "T" }],
])("OpenAI is asked to hold the model to what it can: %s", (_, part) => {
  expect(isStrict(part)).toBe(true);
});

test.each<[string, object]>([
  ["a schema without a type", { description: "anything" }],
  ["a constant without a type", { const: "a" }],
  ["a list of who knows what", { type: "array" }],
  ["a reference with a description", { $ref: "#", description: "d" }],
  ["a default", { type: "string", default: "a" }],
  ["a shortest text", { type: "string", minLength: 1 }],
  ["a list without repetition", { type: "array", items: { type: "string" }, uniqueItems: true }],
  ["a tuple", { type: "array", prefixItems: [{ type: "string" }], items: { type: "string" } }],
  ["a format it doesn't know", { type: "string", format: "uri" }],
  ["a combination", { type: "string", allOf: [{ pattern: "a" }] }],
  ["an object that may have more", { ...object({}), additionalProperties: true }],
  ["a property that may be left out", { ...object({ a: { type: "string" } }), required: [] }],
  ["a flaw further inside", object({ list: { type: "array", items: { const: 1 } } })],
])("a schema that it would refuse goes out as no strict one: %s", (_, part) => {
  expect(isStrict(part)).toBe(false);
});

test("definitions must keep the rules as well", () => {
  expect(isStrict({ $ref: "#/$defs/a" }, { $defs: { a: { type: "string" } } })).toBe(true);
  expect(isStrict({ $ref: "#/$defs/a" }, { $defs: { a: { type: "string", format: "uri" } } })).toBe(false);
});

function object(properties: object) {
  return { type: "object", properties, required: Object.keys(properties), additionalProperties: false };
}
