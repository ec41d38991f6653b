import type { Ajv, ErrorObject, Options } from "ajv";
import { LlmBatchError } from "../domain/errors.ts";
import { TookTooLong, timeLimited } from "./time-limit.ts";

/** What keeps a value from fitting a schema, e.g. `/items/0/price must be number`; null when it fits. */
export type Mismatch = (value: unknown) => string | null;

/**
 * Keywords that the standard doesn't know are passed over, as it says, and `format` is a note to readers, as it is by
 * default in 2020-12. Providers take schemas with both.
 */
const OPTIONS: Options = { strict: false, validateFormats: false, logger: false };

/**
 * Keywords by which a short answer can take for ever: an expression tries the same places over and over, a union within itself
 * all branches at each depth, and each item is held against all others.
 */
const ASTRAY = /"(pattern|uniqueItems"|\$(r|dynamicR|recursiveR)ef")/;

/**
 * @param text JSON text of an object, which is not checked again here: a JSON Schema of 2020-12, or of the
 * draft that its `$schema` names (2019-09, 07)
 * @throws LlmBatchError BAD_SCHEMA
 */
export async function compileSchema(text: string): Promise<Mismatch> {
  const schema = JSON.parse(text) as Record<string, unknown>;
  const ajv = await loadAjv(schema.$schema);
  if (ajv.validateSchema(schema) !== true) throw badSchema(`the schema's ${describe(ajv.errors ?? [])}`);
  const validate = compile(ajv, schema);
  const fits = ASTRAY.test(JSON.stringify(schema)) ? timeLimited(validate) : validate;
  return (value) => {
    try {
      return fits(value) ? null : describe(validate.errors!);
    } catch (error) {
      return uncheckable(error);
    }
  };
}

/** An answer of a model can lead any check astray; that is no reason to end a run. */
function uncheckable(error: unknown): string {
  // A schema that refers to itself is followed as deep as the answer goes.
  if (error instanceof RangeError) return "top level is nested too deep to be checked";
  if (error instanceof TookTooLong) return "top level takes too long to be checked by this schema";
  throw error;
}

/** Loaded when a schema is there: it takes 130 ms. */
async function loadAjv(dialect: unknown): Promise<Ajv> {
  const name = typeof dialect === "string" ? dialect : "2020-12";
  if (name.includes("2020-12")) return new (await import("ajv/dist/2020.js")).Ajv2020(OPTIONS);
  if (name.includes("2019-09")) return new (await import("ajv/dist/2019.js")).Ajv2019(OPTIONS);
  if (name.includes("draft-07")) return new (await import("ajv")).Ajv(OPTIONS);
  throw badSchema(`the schema's /$schema is ${JSON.stringify(dialect)}, which is none that is known here`);
}

function compile(ajv: Ajv, schema: Record<string, unknown>) {
  try {
    return ajv.compile(schema);
  } catch (cause) {
    throw badSchema(`the schema can't be used: ${(cause as Error).message}`, cause);
  }
}

/** The errors furthest inside: those of a union's branches that came closest, without the union's own. */
function describe(errors: readonly ErrorObject[]): string {
  const depths = errors.map(({ instancePath }) => instancePath.split("/").length);
  const deepest = errors.filter((_, index) => depths[index] === Math.max(...depths));
  const told = deepest.filter(({ keyword }) => keyword !== "anyOf" && keyword !== "oneOf");
  const rules = (told.length > 0 ? told : deepest).map(ruleOf);
  return `${deepest[0]!.instancePath || "top level"} ${[...new Set(rules)].join(", or ")}`;
}

function ruleOf({ message, params }: ErrorObject): string {
  const values = params as Record<string, unknown>;
  const detail = DETAILS.find((name) => name in values);
  return detail === undefined ? `${message}` : `${message}: ${JSON.stringify(values[detail])}`;
}

/** Parameters of an error that its message leaves out. */
const DETAILS = [
  "additionalProperty",
  "unevaluatedProperty",
  "propertyName",
  "allowedValues",
  "allowedValue",
];

function badSchema(message: string, cause?: unknown): LlmBatchError {
  return new LlmBatchError({
    code: "BAD_SCHEMA",
    message: `--json-schema: ${message}`,
    hint: "give a file with a JSON Schema (2020-12), e.g. one that your data library writes",
    cause,
  });
}
