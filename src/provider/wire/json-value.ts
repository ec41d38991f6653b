/** A JSON object whose members may be anything: providers don't always keep what they promise. */
export type Json = Readonly<Record<string, unknown>>;

/** An object without members stands in for what is none. */
export function asObject(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

/** A list's items as objects, none left out, so that their indexes hold. */
export function asObjects(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(asObject) : [];
}

/** The first item of a list, as an object. */
export function firstObject(value: unknown): Json {
  return asObject(Array.isArray(value) ? value[0] : null);
}

export function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
