import { elementTexts, memberTexts } from "../../domain/raw-json.ts";
import { describe, isObject } from "../../domain/row.ts";
import { RowError } from "../row-error.ts";
import { type ConversationApi, noEquivalent } from "./conversation.ts";

/** An object that is read to the last member: what nobody took is told in `end`. */
export class Fields {
  readonly place: string;
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #texts: ReadonlyMap<string, string>;
  readonly #taken = new Set<string>();

  /** @throws RowError BAD_FIELD_TYPE for what is no object. */
  constructor(place: string, value: unknown, json: string) {
    if (!isObject(value)) throw badType(place, value, "an object");
    this.place = place;
    this.#values = value;
    this.#texts = memberTexts(json);
  }

  /** Undefined where there is none; null and an empty list count as none. */
  value(name: string): unknown {
    this.#taken.add(name);
    const value = Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
    return isUnset(value) ? undefined : value;
  }

  /** The JSON text of a member that is set; null of one that isn't. */
  json(name: string): string | null {
    return this.value(name) === undefined ? null : this.#texts.get(name)!;
  }

  string(name: string): string | null {
    const value = this.value(name);
    if (value === undefined || typeof value === "string") return value ?? null;
    throw badType(`${this.place}.${name}`, value, "a string");
  }

  neededString(name: string): string {
    return this.string(name) ?? this.#missing(name);
  }

  /** The JSON text of a string. */
  stringJson(name: string): string {
    this.neededString(name);
    return this.json(name)!;
  }

  boolean(name: string): boolean | null {
    const value = this.value(name);
    if (value === undefined || typeof value === "boolean") return value ?? null;
    throw badType(`${this.place}.${name}`, value, "true or false");
  }

  object(name: string): Fields {
    const value = this.value(name);
    if (value === undefined) this.#missing(name);
    return new Fields(`${this.place}.${name}`, value, this.#texts.get(name)!);
  }

  /** The objects of a list; none where there is no list. */
  objects(name: string): Fields[] {
    const value = this.value(name);
    return value === undefined ? [] : objectsOf(`${this.place}.${name}`, value, this.#texts.get(name)!);
  }

  /** Passes over members that say nothing to the model. */
  skip(...names: string[]): void {
    for (const name of names) this.#taken.add(name);
  }

  /** @throws RowError NO_EQUIVALENT for the first member that says something and that nobody asked for. */
  end(api: ConversationApi): void {
    const left = Object.keys(this.#values).find(
      (name) => !this.#taken.has(name) && !isUnset(this.#values[name]) && this.#values[name] !== "",
    );
    if (left !== undefined) throw noEquivalent(`${this.place}.${left}`, api);
  }

  #missing(name: string): never {
    throw new RowError("BAD_FIELD_TYPE", `${this.place} has no ${JSON.stringify(name)}`);
  }
}

/** @throws RowError BAD_FIELD_TYPE for what is no list of objects. */
export function objectsOf(place: string, value: unknown, json: string): Fields[] {
  if (!Array.isArray(value)) throw badType(place, value, "an array");
  return elementTexts(json).map((text, index) => new Fields(`${place}[${index}]`, value[index], text));
}

function isUnset(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

export function badType(place: string, value: unknown, wanted: string): RowError {
  return new RowError("BAD_FIELD_TYPE", `${place} is ${describe(value)}, not ${wanted}`);
}
