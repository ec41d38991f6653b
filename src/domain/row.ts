import { memberText, memberTexts } from "./raw-json.ts";

/** A row: its fields to look at, and their JSON text to send, exactly as it was read. */
export abstract class Row {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Names in the row's order, except that JavaScript puts names that look like numbers first. */
  abstract names(): readonly string[];

  /** The row's own fields only: a row without `constructor` has no `constructor`. */
  abstract has(name: string): boolean;

  /** The parsed value; undefined where the row has no such field. Numbers may be rounded. */
  abstract value(name: string): unknown;

  /** The value's JSON text; undefined where the row has no such field. */
  abstract json(name: string): string | undefined;

  /** The value as text for people and prompts: a string as it is, anything else as its JSON text. */
  display(name: string): string | undefined {
    const value = this.value(name);
    return typeof value === "string" ? value : this.json(name);
  }
}

/** A row that was parsed of its text. */
export class ParsedRow extends Row {
  readonly #fields: Readonly<Record<string, unknown>>;
  #texts: Map<string, string> | null = null;
  #askedOnce = false;

  constructor(text: string, fields: Readonly<Record<string, unknown>>) {
    super(text);
    this.#fields = fields;
  }

  names(): readonly string[] {
    return Object.keys(this.#fields);
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#fields, name);
  }

  value(name: string): unknown {
    return this.has(name) ? this.#fields[name] : undefined;
  }

  json(name: string): string | undefined {
    // Most rows are asked for one field: a list of all of them comes to pay with the second.
    if (!this.#askedOnce) {
      this.#askedOnce = true;
      return memberText(this.text, name);
    }
    this.#texts ??= memberTexts(this.text);
    return this.#texts.get(name);
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Says what kind of JSON value this is, for messages. */
export function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
