import { isObject } from "../domain/row.ts";

type Schema = Record<string, unknown>;

/**
 * The keywords that Anthropic's structured outputs take. A schema with others is refused, and every request with it:
 * https://platform.claude.com/docs/en/build-with-claude/structured-outputs, "JSON Schema limitations". Patterns it takes in part,
 * so they count among the others.
 */
const KNOWN = new Set([
  ...["title", "description", "$ref", "$defs", "definitions"],
  ...["type", "enum", "const", "anyOf", "allOf"],
  ...["properties", "required", "additionalProperties", "items", "minItems", "format"],
]);
const FORMATS = ["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"];
/** The only keywords that a reference may stand with. */
const WITH_REFERENCE = ["$ref", "$defs", "definitions"];

/**
 * A schema as Anthropic takes it: objects have no properties but their own, and what it doesn't take is told to the model in
 * words, as its SDKs do. An object of any names stays, to be refused in the provider's words: closed, it would always be empty.
 *
 * @param json JSON text of a schema; comes back as it is where nothing needs a change
 */
export function anthropicSchema(json: string): string {
  const schema: unknown = JSON.parse(json);
  const taken = JSON.stringify(takenSchema(schema));
  return taken === JSON.stringify(schema) ? json : taken;
}

function takenSchema(schema: unknown): unknown {
  if (!isObject(schema)) return schema;
  const entries = Object.entries(withoutOneOf(schema));
  if ("$ref" in schema) return fromEntries(entries.filter(([keyword]) => WITH_REFERENCE.includes(keyword)));
  const taken = fromEntries(entries.filter(([keyword, value]) => isTaken(keyword, value)));
  if (isObject(schema.properties) && !isObject(schema.additionalProperties)) {
    taken.additionalProperties = false;
  }
  const told = entries.filter(([keyword, value]) => keyword !== "$schema" && !isTaken(keyword, value));
  return told.length === 0 ? taken : { ...taken, description: withRules(schema.description, told) };
}

/** That exactly one branch fits is more than can be asked for. */
function withoutOneOf(schema: Schema): Schema {
  const { oneOf, ...others } = schema;
  return Array.isArray(oneOf) && !("anyOf" in others) ? { ...others, anyOf: oneOf } : schema;
}

function isTaken(keyword: string, value: unknown): boolean {
  if (keyword === "minItems") return value === 0 || value === 1;
  if (keyword === "format") return FORMATS.includes(String(value));
  return KNOWN.has(keyword);
}

function fromEntries(entries: readonly [string, unknown][]): Schema {
  return Object.fromEntries(entries.map(([keyword, value]) => [keyword, takenInside(keyword, value)]));
}

/** The schemas that a keyword holds. */
function takenInside(keyword: string, value: unknown): unknown {
  switch (keyword) {
    case "properties":
    case "$defs":
    case "definitions":
      return isObject(value)
        ? Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, takenSchema(schema)]))
        : value;
    case "anyOf":
    case "allOf":
      return Array.isArray(value) ? value.map(takenSchema) : value;
    case "items":
      return takenSchema(value);
    default:
      return value;
  }
}

function withRules(description: unknown, told: readonly [string, unknown][]): string {
  const rules = JSON.stringify(Object.fromEntries(told));
  return typeof description === "string" ? `${description}\n\n${rules}` : rules;
}
