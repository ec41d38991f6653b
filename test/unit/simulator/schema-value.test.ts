import { describe, expect, test } from "vitest";
import { compileSchema } from "../../../src/answer/compile-schema.ts";
import { valueFor } from "../../../src/simulator/schema-value.ts";

const SCHEMAS: Record<string, object> = {
  text: { type: "string", minLength: 20, maxLength: 25 },
  "whole number": { type: "integer", minimum: 3, maximum: 5 },
  "number between bounds": { type: "number", exclusiveMinimum: 0, exclusiveMaximum: 1 },
  "negative number": { type: "number", maximum: -10 },
  multiple: { type: "integer", minimum: 1, multipleOf: 7 },
  constant: { const: { a: [1] } },
  choice: { enum: ["a", 2, null] },
  "list of a length": { type: "array", items: { type: "boolean" }, minItems: 3, maxItems: 4 },
  tuple: { prefixItems: [{ type: "string" }, { type: "integer" }], items: false, minItems: 2 },
  "nullable text": { type: ["string", "null"] },
  object: {
    type: "object",
    properties: { city: { type: "string" }, tags: { type: "array", items: { enum: ["x", "y"] } } },
    required: ["city", "tags", "other"],
  },
  "closed object": {
    type: "object",
    properties: { a: { type: "object", properties: { b: { type: "number" } }, required: ["b"] } },
    required: ["a"],
    additionalProperties: false,
  },
  union: { anyOf: [{ type: "integer" }, { type: "object", properties: {}, required: [] }] },
  "exclusive union": { oneOf: [{ type: "string" }, { type: "boolean" }] },
  parts: {
    allOf: [
      { type: "object", properties: { a: { type: "string" } }, required: ["a"] },
      { properties: { b: { type: "integer" } }, required: ["b"] },
    ],
  },
  reference: {
    type: "object",
    properties: { at: { $ref: "#/$defs/a~1b" } },
    required: ["at"],
    $defs: { "a/b": { type: "integer", minimum: 5 } },
  },
  tree: {
    $defs: {
      node: {
        type: "object",
        properties: {
          name: { type: "string" },
          left: { anyOf: [{ $ref: "#/$defs/node" }, { type: "null" }] },
          children: { type: "array", items: { $ref: "#/$defs/node" } },
        },
        required: ["name", "left", "children"],
        additionalProperties: false,
      },
    },
    $ref: "#/$defs/node",
  },
  anything: {},
};

describe("a value fits its schema:", () => {
  test.each(Object.entries(SCHEMAS))("%s", async (_name, schema) => {
    const mismatch = await compileSchema(JSON.stringify(schema));
    for (let hash = 0; hash < 200; hash++) {
      const value: unknown = JSON.parse(JSON.stringify(valueFor(schema, hash * 7_919)));
      expect(mismatch(value), JSON.stringify(value)).toBeNull();
    }
  });
});

test("the same hash gives the same value, others another one", () => {
  const schema = SCHEMAS.object!;
  expect(valueFor(schema, 1)).toEqual(valueFor(schema, 1));
  const values = [1, 2, 3, 4, 5].map((hash) => JSON.stringify(valueFor(schema, hash)));
  expect(new Set(values).size).toBeGreaterThan(1);
});

test("a schema that is nothing but itself comes to an end", () => {
  expect(valueFor({ $ref: "#" }, 1)).toBeDefined();
});
