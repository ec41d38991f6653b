import { badRequest, type SimulatedError } from "../simulated-error.ts";
import { tokensOf } from "../tokens.ts";

/** What a message costs besides its text: its role and its ends. */
const TOKENS_PER_MESSAGE = 3;

export type Json = Readonly<Record<string, unknown>>;

/** A body that doesn't follow the API. */
export class BadBody extends Error {
  readonly error: SimulatedError;

  constructor(error: SimulatedError) {
    super(error.message);
    this.error = error;
  }
}

/** @throws BadBody always */
export function refuse(message: string, param: string | null): never {
  throw new BadBody(badRequest(message, param));
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The body and the model it names; every API but the moderations asks for one. */
export function bodyWithModel(value: unknown): { body: Json; model: string } {
  const body = bodyOf(value);
  const { model } = body;
  if (typeof model !== "string" || model === "") refuse("You must name a model.", "model");
  return { body, model };
}

export function bodyOf(value: unknown): Json {
  if (!isObject(value)) refuse("The body must be a JSON object.", null);
  if (value.stream) refuse("The simulator doesn't stream: leave `stream` out.", "stream");
  return value;
}

/** Null where the request doesn't say. */
export function mostTokens(value: unknown, param: string): number | null {
  if (value === undefined || value === null) return null;
  if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
  return refuse("The most tokens allowed must be a whole number from 1.", param);
}

/** The texts of the user's messages, and the tokens of all messages. */
export function readMessages(messages: unknown, param: string): { prompt: string; inputTokens: number } {
  if (!Array.isArray(messages) || messages.length === 0) {
    refuse(`\`${param}\` must be a list with at least one message.`, param);
  }
  const prompts: string[] = [];
  let inputTokens = 0;
  for (const [index, message] of messages.entries()) {
    const text = isObject(message) && typeof message.role === "string" ? textOf(message.content) : null;
    if (text === null) refuse(`Message ${index} must have a role and a content.`, `${param}[${index}]`);
    inputTokens += tokensOf(text) + TOKENS_PER_MESSAGE;
    if ((message as Json).role === "user") prompts.push(text);
  }
  return { prompt: prompts.join("\n"), inputTokens };
}

/** The text of a message's content, parts joined; parts that are no text count for nothing. */
export function textOf(content: unknown): string | null {
  if (typeof content === "string") return content;
  if (content === null) return "";
  if (!Array.isArray(content)) return null;
  return content.map((part) => (isObject(part) && typeof part.text === "string" ? part.text : "")).join("");
}

/** The inputs of an API that takes one or a list: texts, or lists of tokens as JSON text. */
export function readInputs(value: unknown, param: string): string[] {
  const isTokens = Array.isArray(value) && typeof value[0] === "number";
  const inputs: unknown[] = Array.isArray(value) && !isTokens ? value : [value];
  if (inputs.length === 0 || inputs.some((input) => input === undefined || input === null)) {
    refuse(`\`${param}\` must be a text, or a list with at least one.`, param);
  }
  return inputs.map((input) => (typeof input === "string" ? input : JSON.stringify(input)));
}

/** The schema of a field that asks for JSON; JSON of no schema is an object with an answer in it. */
export function schemaOf(format: unknown): unknown {
  if (!isObject(format)) return null;
  if (format.type === "json_object") return ANY_OBJECT;
  if (format.type !== "json_schema") return null;
  const named = isObject(format.json_schema) ? format.json_schema : format;
  return named.schema ?? ANY_OBJECT;
}

const ANY_OBJECT = { type: "object", properties: { answer: { type: "string" } }, required: ["answer"] };
