import { isObject } from "../domain/row.ts";

/** What a row asks, for people to read: its prompt or its messages; the row itself where it has neither. */
export function promptText(row: string): string {
  const value = parse(row);
  if (!isObject(value)) return row;
  for (const asked of [value, value.body, value.params]) {
    const text = isObject(asked) ? askedText(asked) : null;
    if (text !== null) return text;
  }
  return row;
}

/** Whether a row holds more than its id and its prompt. */
export function saysMore(row: string): boolean {
  const value = parse(row);
  if (!isObject(value)) return false;
  return Object.keys(value).some((name) => !["id", "custom_id", "prompt"].includes(name));
}

function askedText(asked: Record<string, unknown>): string | null {
  const { prompt, messages, input } = asked;
  if (typeof prompt === "string") return prompt;
  const said = Array.isArray(messages) ? messages : input;
  if (typeof said === "string") return said;
  return Array.isArray(said) ? said.map(messageText).join("\n\n") : null;
}

function messageText(message: unknown): string {
  if (typeof message === "string") return message;
  if (!isObject(message)) return JSON.stringify(message);
  const { role, content } = message;
  // Calls of tools, and their results in a response, are said beside a content or without one.
  if (content === undefined || content === null) return JSON.stringify(message);
  const text = Array.isArray(content) ? content.map(partText).join("\n") : partText(content);
  return role === undefined || role === "user" ? text : `${role}: ${text}`;
}

function partText(part: unknown): string {
  if (typeof part === "string") return part;
  return isObject(part) && typeof part.text === "string" ? part.text : JSON.stringify(part);
}

/** Bad rows are kept as they were read. */
function parse(row: string): unknown {
  try {
    return JSON.parse(row);
  } catch {
    return null;
  }
}
