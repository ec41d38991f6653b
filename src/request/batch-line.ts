import { nearest } from "../domain/nearest.ts";
import type { Api } from "../domain/request.ts";
import { describe, isObject, type Row } from "../domain/row.ts";
import type { InputForm } from "../domain/run.ts";
import { BODIES } from "./bodies/bodies.ts";
import { checkMessages } from "./messages.ts";
import { RowError } from "./row-error.ts";
import { listNames } from "./template.ts";

/** A line of a provider's batch file. */
export interface BatchLine {
  api: Api;
  /** JSON text of the request's body, as it stands in the line. */
  body: string;
  fields: Readonly<Record<string, unknown>>;
}

/** The urls of an OpenAI batch file; Azure's leave `/v1` out. */
const APIS: Readonly<Record<string, Api>> = {
  "/v1/chat/completions": "chat",
  "/v1/responses": "responses",
  "/v1/embeddings": "embeddings",
  "/v1/completions": "completions",
  "/v1/moderations": "moderations",
};

/**
 * Reads a batch line. Its body is looked at only for what would make every answer fail.
 * @throws RowError BAD_ID, BAD_BATCH_LINE, UNKNOWN_URL, STREAMED_ANSWER, BAD_FIELD_TYPE, MISSING_FIELD.
 */
export function readBatchLine(row: Row, form: Exclude<InputForm, "rows">): BatchLine {
  checkCustomId(row);
  const holder = form === "openai-batch" ? "body" : "params";
  const api = form === "openai-batch" ? apiOf(row) : "messages";
  const fields = row.value(holder);
  if (fields === undefined) throw bad(`the line has no "${holder}"; it has ${listNames(row.names())}`);
  if (!isObject(fields)) throw bad(`the field "${holder}" is ${describe(fields)}, not an object`);
  checkBody(api, fields, holder);
  return { api, body: row.json(holder)!, fields };
}

function checkCustomId(row: Row): void {
  const id = row.value("custom_id");
  if (typeof id === "string" && id !== "") return;
  const found = id === undefined ? "missing" : id === "" ? "empty" : `${describe(id)}, not a string`;
  throw new RowError("BAD_ID", `the id field "custom_id" of the batch line is ${found}`);
}

function apiOf(row: Row): Api {
  const method = row.value("method") ?? "POST";
  if (method !== "POST") throw bad(`the field "method" is ${JSON.stringify(method)}, not "POST"`);
  const url = row.value("url");
  if (typeof url !== "string") {
    throw bad(
      url === undefined ? 'the line has no "url"' : `the field "url" is ${describe(url)}, not a string`,
    );
  }
  const path = url.startsWith("/v1/") ? url : `/v1${url}`;
  if (Object.hasOwn(APIS, path)) return APIS[path]!;
  const near = nearest(url, Object.keys(APIS)) ?? Object.keys(APIS).find((known) => url.endsWith(known));
  const guess = near === undefined ? "" : `; did you mean ${near}?`;
  throw new RowError("UNKNOWN_URL", `the field "url" is ${JSON.stringify(url).slice(0, 100)}${guess}`);
}

function checkBody(api: Api, fields: Record<string, unknown>, holder: string): void {
  const delayed = ["stream", "background"].find((name) => fields[name] === true);
  if (delayed) throw new RowError("STREAMED_ANSWER", `the field "${holder}.${delayed}" is true`);
  const [needed] = BODIES[api].promptFields;
  // A stored prompt is named by its id and may need no input.
  const isStored = api === "responses" && isObject(fields.prompt);
  if (!isStored && isUnset(fields[needed])) {
    throw bad(
      `${BODIES[api].title} needs "${needed}", and the ${holder} has ${listNames(Object.keys(fields))}`,
    );
  }
  if (needed === "messages") checkMessages(fields.messages, `${holder}.messages`);
  if (BODIES[api].defaultMaxTokens !== null && !isCount(fields.max_tokens)) {
    throw bad(`a message needs "max_tokens", a whole number above 0, in the ${holder}`);
  }
}

function isUnset(value: unknown): boolean {
  return value === undefined || value === null;
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) > 0;
}

function bad(message: string): RowError {
  return new RowError("BAD_BATCH_LINE", message);
}
