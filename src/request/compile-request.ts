import { LlmBatchError } from "../domain/errors.ts";
import type { RequestSettings } from "../domain/request.ts";
import type { Row } from "../domain/row.ts";
import type { Charge } from "../domain/usage.ts";
import { compileMessages } from "./messages.ts";
import { ownModel, ownNumber } from "./overrides.ts";
import { parseRow } from "./parse-row.ts";
import { RowError } from "./row-error.ts";

/** A request, ready to be sent. */
export interface BuiltRequest {
  /** JSON text. What comes from the row stands in it byte for byte. */
  body: string;
  /** A guess before anything was learned. */
  charge: Charge;
  /** The model the row itself names. */
  rowModel: string | null;
}

/**
 * Builds the request of a row. `model` goes before the row's own model, which goes before the run's.
 * @throws RowError where the row can't be sent.
 */
export type BuildRequest = (row: string | Row, model: string | null) => BuiltRequest;

/** Body fields with an option of their own, or that would change how an answer comes. */
const RESERVED: Readonly<Record<string, string>> = {
  model: "use --model, or a model in the row",
  messages: "use --template, --system, or messages in the row",
  stream: "leave it out: answers are always read whole",
};

/** English text has about four bytes to the token; what it really is, is learned from the replies. */
const BYTES_PER_TOKEN = 4;

/**
 * Makes ready to build requests: the same code checks rows at import and builds them at sending, so a row that was
 * let in can be sent.
 * @throws LlmBatchError BAD_TEMPLATE, BAD_PARAM.
 */
export function compileRequest(settings: RequestSettings): BuildRequest {
  checkParams(settings.params);
  const messages = compileMessages(settings);
  // A field that a template shows to the model is data, even if it is called "temperature".
  const isData = (field: string): boolean => messages.shown.has(field);

  const runFields = bodyFields(settings);
  const runFieldsText = fieldsText(runFields);

  return (rowOrText, model) => {
    const row = typeof rowOrText === "string" ? parseRow(rowOrText) : rowOrText;
    const rowModel = isData("model") ? null : ownModel(row);
    const modelJson = JSON.stringify(chooseModel(model ?? rowModel ?? settings.model));
    const fields = withOwnFields(runFields, row, isData);
    const text = fields === runFields ? runFieldsText : fieldsText(fields);
    const body = `{"model":${modelJson},"messages":${messages.build(row)}${text}}`;
    return { body, charge: estimate(body, fields), rowModel };
  };
}

function chooseModel(model: string | null): string {
  if (model !== null) return model;
  throw new RowError("MISSING_MODEL", "neither the row nor the run names a model");
}

/** Name to JSON text. */
type BodyFields = ReadonlyMap<string, string>;

function bodyFields({ temperature, maxTokens, params }: RequestSettings): BodyFields {
  const fields = new Map<string, string>();
  if (temperature !== null) fields.set("temperature", String(temperature));
  if (maxTokens !== null) fields.set("max_tokens", String(maxTokens));
  for (const [name, value] of Object.entries(params)) fields.set(name, value);
  return fields;
}

/** The row's own numbers go before the run's. A row without any gets the run's fields themselves. */
function withOwnFields(runFields: BodyFields, row: Row, isData: (field: string) => boolean): BodyFields {
  let fields = runFields;
  for (const field of ["temperature", "max_tokens"] as const) {
    const own = isData(field) ? null : ownNumber(row, field);
    if (own !== null) fields = new Map([...fields, [field, own]]);
  }
  return fields;
}

function fieldsText(fields: BodyFields): string {
  return [...fields].map(([name, value]) => `,${JSON.stringify(name)}:${value}`).join("");
}

function estimate(body: string, fields: BodyFields): Charge {
  return {
    inputTokens: Math.ceil(Buffer.byteLength(body) / BYTES_PER_TOKEN),
    outputTokens: Number(fields.get("max_completion_tokens") ?? fields.get("max_tokens") ?? 0),
  };
}

function checkParams(params: RequestSettings["params"]): void {
  for (const [name, text] of Object.entries(params)) {
    const reserved = Object.hasOwn(RESERVED, name) ? RESERVED[name]! : null;
    if (reserved !== null) throw badParam(`--param can't set ${name}`, reserved);
    try {
      JSON.parse(text);
    } catch (cause) {
      throw badParam(
        `--param ${name} is not JSON: ${text}`,
        `write --param '${name}="text"' for a text`,
        cause,
      );
    }
  }
}

function badParam(message: string, hint: string, cause?: unknown): LlmBatchError {
  return new LlmBatchError({ code: "BAD_PARAM", message, hint, cause });
}
