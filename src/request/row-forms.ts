import { describe, isObject, type Row } from "../domain/row.ts";
import { RowError } from "./row-error.ts";
import { listNames } from "./template.ts";

/** One of the ways to write a row, told apart by its fields. */
interface RowForm {
  matches(row: Row): boolean;
  /** JSON text of the messages. */
  messages(row: Row): string;
}

/** In the order they are tried. */
const ROW_FORMS: readonly RowForm[] = [
  {
    matches: (row) => isObject(row.value("body")) && row.has("custom_id"),
    messages: () => refuse("an OpenAI batch line (custom_id, body)"),
  },
  {
    matches: (row) => isObject(row.value("params")) && row.has("custom_id"),
    messages: () => refuse("an Anthropic batch line (custom_id, params)"),
  },
  {
    matches: (row) => row.has("prompt") && row.has("messages"),
    messages: () => {
      throw new RowError("AMBIGUOUS_ROW", 'the row has both "prompt" and "messages"');
    },
  },
  { matches: (row) => row.has("messages"), messages: ownMessages },
  { matches: (row) => row.has("prompt"), messages: (row) => userMessage(promptJson(row, "prompt")) },
];

/**
 * The messages of a row that no template and no `--prompt-field` explains, as JSON text.
 * @throws RowError where the row has no known form.
 */
export function messagesOfRow(row: Row): string {
  const form = ROW_FORMS.find(({ matches }) => matches(row));
  if (form) return form.messages(row);
  throw new RowError("MISSING_FIELD", `no "prompt" or "messages"; the row has ${listNames(row.names())}`);
}

/** Messages that hold one user message; `content` is JSON text. */
export function userMessage(content: string): string {
  return `[{"role":"user","content":${content}}]`;
}

/**
 * The JSON text of the prompt in `field`.
 * @throws RowError MISSING_FIELD, BAD_FIELD_TYPE.
 */
export function promptJson(row: Row, field: string): string {
  const value = row.value(field);
  const name = JSON.stringify(field);
  if (value === undefined) {
    throw new RowError("MISSING_FIELD", `no field ${name}; the row has ${listNames(row.names())}`);
  }
  if (typeof value !== "string") {
    throw new RowError("BAD_FIELD_TYPE", `the field ${name} is ${describe(value)}, not a string`);
  }
  if (value.trim() === "") throw new RowError("MISSING_FIELD", `the field ${name} is empty`);
  return row.json(field)!;
}

/** Whether the row's own messages begin with a system message: then that one counts. */
export function beginsWithSystem(row: Row): boolean {
  const messages = row.value("messages");
  const first: unknown = Array.isArray(messages) ? messages[0] : null;
  return isObject(first) && (first.role === "system" || first.role === "developer");
}

function ownMessages(row: Row): string {
  const messages = row.value("messages");
  if (!Array.isArray(messages)) {
    throw new RowError("BAD_FIELD_TYPE", `the field "messages" is ${describe(messages)}, not an array`);
  }
  if (messages.length === 0) throw new RowError("MISSING_FIELD", 'the field "messages" is empty');
  const bad = messages.findIndex((message) => !isObject(message) || typeof message.role !== "string");
  if (bad >= 0) throw new RowError("BAD_FIELD_TYPE", `messages[${bad}] is not an object with a "role"`);
  return row.json("messages")!;
}

function refuse(form: string): never {
  throw new RowError("UNSUPPORTED_ROW", `the row is ${form}, which this version does not send`);
}
