import { describe, expect, test } from "vitest";
import { compileSchema } from "../../../src/answer/compile-schema.ts";

const compile = (schema: unknown) => compileSchema(JSON.stringify(schema));

describe("a schema that can't be used names the place in it:", () => {
  test.each([
    [
      { properties: { age: { type: "numbr" } } },
      /^--json-schema: the schema's \/properties\/age\/type must be/,
    ],
    [{ type: "object", required: "city" }, /^--json-schema: the schema's \/required must be array$/],
    [{ items: { minLength: -1 } }, /^--json-schema: the schema's \/items\/minLength must be >= 0$/],
    [{ properties: { a: { $ref: "#/$defs/gone" } } }, /can't resolve reference #\/\$defs\/gone/],
    [
      { $ref: "https://example.com/other.json" },
      /can't resolve reference https:\/\/example\.com\/other\.json/,
    ],
    [{ properties: { a: { pattern: "(" } } }, /Invalid regular expression/],
    [{ $schema: "http://json-schema.org/draft-04/schema#" }, /\/\$schema is "http:.*draft-04/],
  ])("%j", async (schema, message) => {
    await expect(compile(schema)).rejects.toMatchObject({
      code: "BAD_SCHEMA",
      exitCode: 2,
      message: expect.stringMatching(message),
      hint: expect.any(String),
    });
  });
});

describe("a schema as people have it", () => {
  test("may note formats, defaults, examples and keywords of its own: they hold nobody back", async () => {
    const mismatch = await compile({
      type: "object",
      properties: { at: { type: "string", format: "date-time", default: "x", example: 1 } },
      "x-order": ["at"],
      nullable: true,
    });
    expect(mismatch({ at: "yesterday" })).toBeNull();
    expect(mismatch({ at: 7 })).toBe("/at must be string");
  });

  test("may refer to its own parts, and to itself", async () => {
    const mismatch = await compile({
      $defs: {
        node: {
          type: "object",
          properties: { next: { anyOf: [{ $ref: "#/$defs/node" }, { type: "null" }] } },
        },
      },
      $ref: "#/$defs/node",
    });
    expect(mismatch({ next: { next: null } })).toBeNull();
    expect(mismatch({ next: { next: 7 } })).toBe("/next/next must be object, or must be null");
  });

  test.each([
    ["https://json-schema.org/draft/2020-12/schema", { prefixItems: [{ type: "string" }] }],
    ["https://json-schema.org/draft/2019-09/schema", { items: [{ type: "string" }] }],
    ["http://json-schema.org/draft-07/schema#", { items: [{ type: "string" }] }],
  ])("is read by its own draft: %s", async ($schema, schema) => {
    const mismatch = await compile({ $schema, ...schema });
    expect(mismatch(["a"])).toBeNull();
    expect(mismatch([7])).toBe("/0 must be string");
  });
});

test("of a union's mismatches, those furthest inside are told", async () => {
  const price = { type: "object", properties: { price: { type: "number" } }, required: ["price"] };
  const mismatch = await compile({ properties: { item: { anyOf: [price, { type: "null" }] } } });
  expect(mismatch({ item: { price: "7 €" } })).toBe("/item/price must be number");
  const exclusive = await compile({ oneOf: [{ type: "integer" }, { minimum: 0 }] });
  expect(exclusive(1)).toBe("top level must match exactly one schema in oneOf");
});
