import { jsonBytes } from "../domain/json-string.ts";
import type { RequestSettings } from "../domain/request.ts";
import { describe, isObject, type Row } from "../domain/row.ts";
import { isConversational } from "./conversation/conversation.ts";
import { messagesFor } from "./conversation/convert.ts";
import { jsonField } from "./json-field.ts";
import { beginsWithSystem, checkItems, type Message } from "./messages.ts";
import { RowError } from "./row-error.ts";
import { compileTemplate, listNames, type Template } from "./template.ts";

/** What a row asks, as JSON text. Of `text` and `messages` one is null. */
export interface Prompt {
  /** The run's system prompt, a string; null without one, and where the row's messages bring their own. */
  system: string | null;
  /** A string. */
  text: string | null;
  /** How long `text` is in UTF-8; 0 without one. */
  textBytes: number;
  /** An array of messages, as it stands in the row, or as the API has it where the row has another's. */
  messages: string | null;
  /** The row's messages, parsed; undefined without any. */
  content: unknown;
  /** Whether `messages` begins with a system message. */
  bringsSystem: boolean;
}

export interface PromptBuilder {
  /** The fields that templates show to the model. */
  readonly shown: ReadonlySet<string>;
  /** @throws RowError */
  build(row: Row): Prompt;
}

/**
 * How a run makes prompts of its rows: by template, by prompt field, or of the row's own prompt or messages.
 * @throws LlmBatchError BAD_TEMPLATE.
 */
export function compilePrompt({ template, system, promptField, api }: RequestSettings): PromptBuilder {
  const text = template === null ? null : compileTemplate(template);
  const instructions = system === null ? null : compileTemplate(system);
  const systemOf = (row: Row): string | null =>
    instructions === null ? null : JSON.stringify(instructions.render(row));
  const textOf = (row: Row): PromptText | null => {
    if (text !== null) return renderedText(text, row);
    return promptField === null ? ownPrompt(row) : fieldText(row, promptField);
  };
  return {
    shown: new Set([...(text?.fields ?? []), ...(instructions?.fields ?? [])]),
    build(row) {
      const prompt = textOf(row);
      if (prompt !== null)
        return {
          system: systemOf(row),
          text: prompt.text,
          textBytes: prompt.textBytes,
          messages: null,
          content: undefined,
          bringsSystem: false,
        };
      const { messages, json } = ownMessages(row);
      const bringsSystem = beginsWithSystem(messages);
      return {
        system: bringsSystem ? null : systemOf(row),
        text: null,
        textBytes: 0,
        messages: isConversational(api) ? messagesFor(api, messages, json) : json,
        content: messages,
        bringsSystem,
      };
    },
  };
}

interface PromptText {
  text: string;
  textBytes: number;
}

function promptText(value: string, text: string): PromptText {
  return { text, textBytes: jsonBytes(value, text) };
}

function renderedText(template: Template, row: Row): PromptText {
  const prompt = template.render(row);
  if (prompt.trim() !== "") return promptText(prompt, JSON.stringify(prompt));
  throw new RowError("MISSING_FIELD", "the template gives an empty prompt for this row");
}

/** Null for a row that has messages instead. */
function ownPrompt(row: Row): PromptText | null {
  if (!row.has("messages")) {
    if (row.has("prompt")) return fieldText(row, "prompt");
    if (Array.isArray(row.value("requests"))) {
      throw new RowError(
        "BAD_BATCH_LINE",
        'the line is a whole batch of "requests": --format json reads each',
      );
    }
    throw nothingToSend(row, 'no "prompt" or "messages"', ["prompt", "messages"]);
  }
  if (!row.has("prompt")) return null;
  throw new RowError("AMBIGUOUS_ROW", 'the row has both "prompt" and "messages"');
}

function ownMessages(row: Row): { messages: readonly Message[]; json: string } {
  const { value, json } = jsonField(row, "messages");
  if (typeof value === "string" && value.trim() === "")
    throw new RowError("MISSING_FIELD", 'the field "messages" is empty');
  return { messages: checkItems(value, "messages"), json };
}

function fieldText(row: Row, field: string): PromptText {
  const value = row.value(field);
  if (typeof value === "string" && value.trim() !== "") return promptText(value, row.json(field)!);
  const name = JSON.stringify(field);
  if (value === undefined) throw nothingToSend(row, `no field ${name}`, [field]);
  if (typeof value === "string") throw new RowError("MISSING_FIELD", `the field ${name} is empty`);
  throw new RowError("BAD_FIELD_TYPE", `the field ${name} is ${describe(value)}, not a string`);
}

/** @param wanted the fields of which a row must have one */
function nothingToSend(row: Row, lacks: string, wanted: readonly string[]): RowError {
  const names = row.names();
  const holder = names.find((name) => looksLikeRows(row.value(name), names.length === 1, wanted));
  if (holder === undefined) return new RowError("MISSING_FIELD", `${lacks}; the row has ${listNames(names)}`);
  const { length } = row.value(holder) as unknown[];
  const held = `the field ${JSON.stringify(holder)} is a list of ${length} that look like rows`;
  return new RowError("WRAPPED_ROWS", `${lacks}, but ${held}`);
}

/** A list beside other fields is one of rows only where it holds what is wanted: it may be any data. */
function looksLikeRows(value: unknown, isAlone: boolean, wanted: readonly string[]): boolean {
  const first: unknown = Array.isArray(value) ? value[0] : null;
  return isObject(first) && (isAlone || wanted.some((name) => Object.hasOwn(first, name)));
}
