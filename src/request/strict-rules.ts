import { isObject } from "../domain/row.ts";

/**
 * The keywords that strict mode knows; a schema with any other is refused, and every request with it:
 * https://platform.openai.com/docs/guides/structured-outputs, "Supported schemas". It takes titles and `$schema` besides.
 */
const KNOWN = new Set([
  ...["$schema", "title", "description", "$ref", "$defs", "definitions"],
  ...["type", "enum", "const", "anyOf"],
  ...["properties", "required", "additionalProperties"],
  ...["items", "minItems", "maxItems"],
  ...["pattern", "format"],
  ...["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
]);
const FORMATS = ["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"];
/** Keywords whose value is a list of schemas, or an object of them. */
const HOLDERS = ["anyOf", "properties", "$defs", "definitions"];

/**
 * Whether a schema keeps the rules of OpenAI's strict mode: an object at its root, of every object each property required and
 * no other allowed, a type in every schema, and no keyword that it doesn't know.
 */
export function keepsStrictRules(schema: Record<string, unknown>): boolean {
  return schema.type === "object" && !("anyOf" in schema) && isStrict(schema);
}

function isStrict(schema: unknown): boolean {
  if (!isObject(schema)) return false;
  const keywords = Object.keys(schema);
  if (!keywords.every((keyword) => KNOWN.has(keyword))) return false;
  if ("$ref" in schema) return keywords.length === 1;
  return hasType(schema) && isClosed(schema) && isKnownFormat(schema) && subschemas(schema).every(isStrict);
}

/** A list says what is in it, too. */
function hasType(schema: Record<string, unknown>): boolean {
  if (!("type" in schema)) return "anyOf" in schema;
  return !isOfType(schema, "array") || "items" in schema;
}

function isOfType({ type }: Record<string, unknown>, name: string): boolean {
  return type === name || (Array.isArray(type) && type.includes(name));
}

function isKnownFormat({ format }: Record<string, unknown>): boolean {
  return format === undefined || FORMATS.includes(String(format));
}

function isClosed(schema: Record<string, unknown>): boolean {
  const { properties, required, additionalProperties } = schema;
  if (!isOfType(schema, "object") && properties === undefined) return true;
  const names = isObject(properties) ? Object.keys(properties) : [];
  return additionalProperties === false && names.every((name) => isRequired(name, required));
}

function isRequired(name: string, required: unknown): boolean {
  return Array.isArray(required) && required.includes(name);
}

function subschemas(schema: Record<string, unknown>): unknown[] {
  const held = HOLDERS.flatMap((keyword) => Object.values(schema[keyword] ?? {}));
  return "items" in schema ? [schema.items, ...held] : held;
}
