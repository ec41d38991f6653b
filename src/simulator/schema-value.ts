import { draw, Purpose } from "./seeded.ts";

type Schema = Readonly<Record<string, unknown>>;

/** Beyond this depth only what must be there is made, or a schema that holds itself would have no end. */
const DEPTH = 4;
const WORDS = ["amber", "birch", "cobalt", "dune", "ember", "fjord", "grove", "harbor"];

/**
 * A JSON value that fits a JSON Schema, the same for the same hash. It keeps to `type`, `enum`, `const`, `properties`,
 * `required`, `items`, `prefixItems`, the bounds of numbers, texts and lists, unions, and references within the schema;
 * patterns and conditions it knows nothing of.
 */
export function valueFor(schema: unknown, hash: number): unknown {
  return new Maker(schema, hash).make(schema, 0);
}

class Maker {
  readonly #root: unknown;
  readonly #hash: number;
  #draws = 0;

  constructor(root: unknown, hash: number) {
    this.#root = root;
    this.#hash = hash;
  }

  make(wanted: unknown, depth: number): unknown {
    const schema = this.#resolve(wanted);
    if ("const" in schema) return schema.const;
    if (Array.isArray(schema.enum)) return this.#oneOf(schema.enum);
    const branches = schema.anyOf ?? schema.oneOf;
    if (Array.isArray(branches)) return this.make(this.#branch(schema, branches, depth), depth);
    switch (this.#typeOf(schema, depth)) {
      case "object":
        return this.#object(schema, depth);
      case "array":
        return this.#array(schema, depth);
      case "string":
        return this.#string(schema);
      case "integer":
        return this.#number(schema, 1);
      case "number":
        return this.#number(schema, 0.25);
      case "boolean":
        return this.#next() < 0.5;
      default:
        return null;
    }
  }

  /** References followed, and the parts of `allOf` laid over each other. */
  #resolve(wanted: unknown): Schema {
    let schema = asSchema(wanted);
    for (let hops = 0; typeof schema.$ref === "string" && hops < 100; hops++) {
      const { $ref, ...beside } = schema;
      schema = { ...this.#target($ref), ...beside };
    }
    if (!Array.isArray(schema.allOf)) return schema;
    const { allOf, ...own } = schema;
    return [...allOf.map((part) => this.#resolve(part)), own].reduce(overlaid, {});
  }

  #target(ref: string): Schema {
    const steps = ref.replace(/^#\/?/, "").split("/").filter(Boolean);
    const names = steps.map((step) => decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~"));
    return asSchema(names.reduce<unknown>((at, name) => asSchema(at)[name], this.#root));
  }

  /** Deep down a branch that ends is taken, if there is one. */
  #branch(schema: Schema, branches: readonly unknown[], depth: number): Schema {
    const ends = branches.filter(
      (branch) => !["object", "array"].includes(String(this.#resolve(branch).type)),
    );
    const chosen = depth >= DEPTH && ends.length > 0 ? ends[0] : this.#oneOf(branches);
    const { anyOf: _, oneOf: __, ...own } = schema;
    return overlaid(own, this.#resolve(chosen));
  }

  #typeOf({ type, properties, items, prefixItems }: Schema, depth: number): unknown {
    if (Array.isArray(type)) return depth >= DEPTH && type.includes("null") ? "null" : this.#oneOf(type);
    if (type !== undefined) return type;
    if (properties !== undefined) return "object";
    return items === undefined && prefixItems === undefined ? "string" : "array";
  }

  #object({ properties, required }: Schema, depth: number): object {
    const musts = Array.isArray(required) ? (required as string[]) : [];
    const known = asSchema(properties);
    const names = depth < DEPTH ? [...new Set([...Object.keys(known), ...musts])] : musts;
    return Object.fromEntries(names.map((name) => [name, this.make(known[name], depth + 1)]));
  }

  #array({ items, prefixItems, minItems, maxItems }: Schema, depth: number): unknown[] {
    const first: unknown[] = Array.isArray(prefixItems) ? prefixItems : [];
    const least = Math.max(first.length, asNumber(minItems) ?? 0);
    const natural = depth < DEPTH && items !== false ? least + Math.floor(this.#next() * 3) : least;
    const length = Math.min(natural, asNumber(maxItems) ?? Infinity);
    return Array.from({ length }, (_, at) => this.make(first[at] ?? items, depth + 1));
  }

  #string({ minLength, maxLength }: Schema): string {
    const word = this.#oneOf(WORDS);
    return word.padEnd(asNumber(minLength) ?? 0, word).slice(0, asNumber(maxLength) ?? undefined);
  }

  /** A multiple of `step`, within the bounds where they leave room for one. */
  #number(
    { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf }: Schema,
    step: number,
  ): number {
    const size = asNumber(multipleOf) ?? step;
    const low = Math.max(asNumber(minimum) ?? -Infinity, (asNumber(exclusiveMinimum) ?? -Infinity) + size);
    const high = Math.min(asNumber(maximum) ?? Infinity, (asNumber(exclusiveMaximum) ?? Infinity) - size);
    const from = Number.isFinite(low) ? low : Math.min(0, high);
    const to = Math.min(high, from + 100 * size);
    return Math.min(Math.ceil((from + this.#next() * (to - from)) / size), Math.floor(to / size)) * size;
  }

  #oneOf<T>(options: readonly T[]): T {
    return options[Math.floor(this.#next() * options.length)]!;
  }

  #next(): number {
    return draw(this.#hash, this.#draws++, Purpose.schema);
  }
}

/** `true`, and whatever isn't a schema, asks for nothing. */
function asSchema(value: unknown): Schema {
  return typeof value === "object" && value !== null ? (value as Schema) : {};
}

function asNumber(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

function overlaid(below: Schema, above: Schema): Schema {
  const required = [below.required, above.required].flatMap((names) => (Array.isArray(names) ? names : []));
  return {
    ...below,
    ...above,
    ...(below.properties && above.properties
      ? { properties: { ...asSchema(below.properties), ...asSchema(above.properties) } }
      : {}),
    ...(required.length > 0 ? { required } : {}),
  };
}
