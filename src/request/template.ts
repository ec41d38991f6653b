import { LlmBatchError } from "../domain/errors.ts";
import { nearest } from "../domain/nearest.ts";
import type { Row } from "../domain/row.ts";
import { RowError } from "./row-error.ts";

export interface Template {
  /** The fields it names, each once. */
  readonly fields: readonly string[];
  /**
   * Fills in the row's own fields: strings as they are, anything else as its JSON text. What is filled in is
   * never looked at again.
   * @throws RowError UNKNOWN_FIELD.
   */
  render(row: Row): string;
}

/** A field's place in a template; plain text stands as a string. */
interface Slot {
  field: string;
}

/** `\{{`, which writes `{{`, or the opening of a slot. */
const OPENING = /\\?\{\{/g;
/** The rest of a slot: a plain name, or a name in quotes with JSON's escapes. */
const SLOT = /\s*(?:([\p{L}\p{N}_-]+)|("(?:[^"\\]|\\.)*"))\s*\}\}/uy;

/**
 * Compiles a template: `{{field}}` or `{{"My column"}}` is replaced by the row's field, `\{{` writes `{{`, and
 * everything else stands as it is.
 * @throws LlmBatchError BAD_TEMPLATE with line and column.
 */
export function compileTemplate(text: string): Template {
  const parts = parse(text);
  const fields = [...new Set(parts.filter((part) => typeof part !== "string").map((slot) => slot.field))];
  return {
    fields,
    render: (row) => parts.map((part) => (typeof part === "string" ? part : fill(part.field, row))).join(""),
  };
}

function parse(text: string): (string | Slot)[] {
  const parts: (string | Slot)[] = [];
  let done = 0;
  OPENING.lastIndex = 0;
  for (let opening = OPENING.exec(text); opening; opening = OPENING.exec(text)) {
    parts.push(text.slice(done, opening.index));
    if (opening[0] === "\\{{") {
      parts.push("{{");
    } else {
      parts.push({ field: readName(text, opening.index) });
      OPENING.lastIndex = SLOT.lastIndex;
    }
    done = OPENING.lastIndex;
  }
  parts.push(text.slice(done));
  return parts;
}

/** Reads the name of the slot that opens at `at`, and leaves `SLOT.lastIndex` behind its end. */
function readName(text: string, at: number): string {
  SLOT.lastIndex = at + 2;
  const [, plain, quoted] = SLOT.exec(text) ?? [];
  const name = plain ?? (quoted && parseQuoted(quoted));
  if (name) return name;
  const before = text.slice(0, at);
  const line = before.split("\n").length;
  const column = at - before.lastIndexOf("\n");
  const excerpt = text.slice(at, at + 30).split("\n")[0];
  throw new LlmBatchError({
    code: "BAD_TEMPLATE",
    message: `the template has no field name followed by }} at line ${line}, column ${column}: ${excerpt}`,
    hint: 'write {{field}}, {{"a name with other characters"}}, or \\{{ for two braces',
  });
}

function parseQuoted(quoted: string): string | null {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return null;
  }
}

function fill(field: string, row: Row): string {
  const text = row.display(field);
  if (text !== undefined) return text;
  const names = row.names();
  const near = nearest(field, names);
  const guess = near === null ? "" : `; did you mean ${JSON.stringify(near)}?`;
  throw new RowError(
    "UNKNOWN_FIELD",
    `the template names the field ${JSON.stringify(field)}, the row has ${listNames(names)}${guess}`,
  );
}

const MOST_NAMES = 20;
const NAME_CHARS = 60;
const PLAIN_NAME = /^[\p{L}\p{N} _.-]+…?$/u;

/** Lists a row's field names for a message. */
export function listNames(names: readonly string[]): string {
  if (names.length === 0) return "no fields";
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : "";
  return names.slice(0, MOST_NAMES).map(showName).join(", ") + more;
}

/** A name of odd characters is quoted as in a template, so that none of them can pass for words of ours. */
function showName(name: string): string {
  const start = name.length > NAME_CHARS ? `${name.slice(0, NAME_CHARS)}…` : name;
  return PLAIN_NAME.test(start) ? start : JSON.stringify(start);
}
