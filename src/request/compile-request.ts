import { LlmBatchError } from "../domain/errors.ts";
import type { RequestSettings } from "../domain/request.ts";
import type { Charge } from "../domain/usage.ts";
import { compileMessages } from "./messages.ts";
import { ownModel, ownNumber } from "./overrides.ts";
import { parseRow, type Row } from "./row.ts";
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

  return (rowOrText, model) => {
    const row = typeof rowOrText === "string" ? parseRow(rowOrText) : rowOrText;
    const rowModel = isData("model") ? null : ownModel(row);
    const members = new Map([
      ["model", JSON.stringify(chooseModel(model ?? rowModel ?? settings.model))],
      ["messages", messages.build(row)],
      ...bodyFields(settings),
    ]);
    for (const field of ["temperature", "max_tokens"] as const) {
      const own = isData(field) ? null : ownNumber(row, field);
      if (own !== null) members.set(field, own);
    }
    const body = objectText(members);
    return { body, charge: estimate(body, members), rowModel };
  };
}

function chooseModel(model: string | null): string {
  if (model !== null) return model;
  throw new RowError("MISSING_MODEL", "neither the row nor the run names a model");
}

function bodyFields(settings: RequestSettings): [string, string][] {
  const fields: [string, string][] = [];
  if (settings.temperature !== null) fields.push(["temperature", String(settings.temperature)]);
  if (settings.maxTokens !== null) fields.push(["max_tokens", String(settings.maxTokens)]);
  return [...fields, ...Object.entries(settings.params)];
}

function objectText(members: ReadonlyMap<string, string>): string {
  let text = "";
  for (const [name, value] of members) text += `${text === "" ? "{" : ","}${JSON.stringify(name)}:${value}`;
  return `${text}}`;
}

function estimate(body: string, members: ReadonlyMap<string, string>): Charge {
  return {
    inputTokens: Math.ceil(Buffer.byteLength(body) / BYTES_PER_TOKEN),
    outputTokens: Number(members.get("max_completion_tokens") ?? members.get("max_tokens") ?? 0),
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
