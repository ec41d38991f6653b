import { isObject } from "../domain/row.ts";

/** Keywords that strict mode refuses: https://platform.openai.com/docs/guides/structured-outputs, "Supported schemas". */
const REFUSED = [
  "allOf",
  "oneOf",
  "not",
  "if",
  "then",
  "else",
  "dependentRequired",
  "dependentSchemas",
  "patternProperties",
];
/** Keywords whose value is a list of schemas, or an object of them. */
const HOLDERS = ["anyOf", "properties", "$defs", "definitions"];

/**
 * Whether a schema keeps the rules of OpenAI's strict mode: an object at its root, and of every object each property
 * required and no other allowed.
 */
export function keepsStrictRules(schema: Record<string, unknown>): boolean {
  return schema.type === "object" && !("anyOf" in schema) && isStrict(schema);
}

function isStrict(schema: unknown): boolean {
  if (!isObject(schema)) return false;
  if (REFUSED.some((keyword) => Object.hasOwn(schema, keyword))) return false;
  return isClosed(schema) && subschemas(schema).every(isStrict);
}

function isClosed({ type, properties, required, additionalProperties }: Record<string, unknown>): boolean {
  const mayBeObject = type === "object" || (Array.isArray(type) && type.includes("object"));
  if (!mayBeObject && properties === undefined) return true;
  const names = isObject(properties) ? Object.keys(properties) : [];
  return additionalProperties === false && names.every((name) => isRequired(name, required));
}

function isRequired(name: string, required: unknown): boolean {
  return Array.isArray(required) && required.includes(name);
}

function subschemas(schema: Record<string, unknown>): unknown[] {
  const held = HOLDERS.flatMap((keyword) => Object.values(schema[keyword] ?? {}));
  return Object.hasOwn(schema, "items") ? [schema.items, ...held] : held;
}
