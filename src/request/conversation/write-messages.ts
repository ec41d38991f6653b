import { compactJson } from "../../domain/raw-json.ts";
import { isObject } from "../../domain/row.ts";
import { RowError } from "../row-error.ts";
import { type Call, type Item, noEquivalent, type Part, type Result, type Source } from "./conversation.ts";
import { contentJson, partJson, plainText } from "./write-parts.ts";

/** The images that Anthropic reads. */
const IMAGE_TYPES: readonly string[] = ["image/jpeg", "image/png", "image/gif", "image/webp"];

/** The JSON text of a string of white space. */
const BLANK = /^"(?:\s|\\[nrt])*"$/;

/** A message in the making: one of Anthropic's holds all that its side has to say. */
interface Side {
  role: string;
  items: Item[];
}

/**
 * A conversation as Anthropic's messages have it: the JSON text of a list of messages, with a system message where it stands.
 * @throws RowError NO_EQUIVALENT, BAD_FIELD_TYPE.
 */
export function writeMessages(items: readonly Item[]): string {
  const sides: Side[] = [];
  for (const item of items) {
    const role = roleOf(item);
    const last = sides.at(-1);
    if (last?.role === role) last.items.push(item);
    else sides.push({ role, items: [item] });
  }
  return `[${sides.map(messageJson).join(",")}]`;
}

function roleOf(item: Item): string {
  if (item.kind !== "turn") return item.kind === "call" ? "assistant" : "user";
  return item.role === "developer" ? "system" : item.role;
}

function messageJson({ role, items }: Side): string {
  const [first] = items;
  const plain = items.length === 1 && first?.kind === "turn" ? plainText(first.parts) : null;
  return `{"role":"${role}","content":${plain ?? blocksJson(items, role)}}`;
}

function blocksJson(items: readonly Item[], role: string): string {
  const blocks = resultsFirst(items).flatMap((item) => blocksOf(item, role));
  return blocks.length > 0 ? `[${blocks.join(",")}]` : '""';
}

/** Anthropic wants the results of calls before all else that is said to the model. */
function resultsFirst(items: readonly Item[]): readonly Item[] {
  return [...items.filter(({ kind }) => kind === "result"), ...items.filter(({ kind }) => kind !== "result")];
}

function blocksOf(item: Item, role: string): string[] {
  if (item.kind === "call") return [toolUse(item)];
  if (item.kind === "result") return [toolResult(item)];
  return item.parts.filter(isSaying).map((part) => block(part, role));
}

/** A blank text beside calls or other parts says nothing, and Anthropic takes none. */
function isSaying(part: Part): boolean {
  return part.kind !== "text" || !BLANK.test(part.text);
}

function toolUse({ id, name, arguments: args, place }: Call): string {
  return `{"type":"tool_use","id":${idJson(id)},"name":${JSON.stringify(name)},"input":${inputOf(args, place)}}`;
}

/** Anthropic takes no other signs in ids than these; some servers write `functions.f:0`. What is put for one tells which it was. */
function idJson(id: string): string {
  return JSON.stringify(id.replace(/[^\w-]/g, (sign) => `_${sign.charCodeAt(0).toString(16)}_`));
}

/** Models write no arguments at all for a tool without parameters. */
function inputOf(args: string, place: string): string {
  if (args.trim() === "") return "{}";
  if (isObject(parsed(args))) return compactJson(args);
  const start = JSON.stringify(args.slice(0, 60));
  throw new RowError(
    "BAD_FIELD_TYPE",
    `the arguments of ${place} are ${start}, not the text of a JSON object`,
  );
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

function toolResult({ id, parts, isError }: Result): string {
  const said = parts.length > 1 ? parts.filter(isSaying) : parts;
  const content = contentJson(said, (part) => block(part, "user"));
  const error = isError ? ',"is_error":true' : "";
  return `{"type":"tool_result","tool_use_id":${idJson(id)},"content":${content}${error}}`;
}

function block(part: Part, role: string): string {
  const write = (members: string): string => partJson(part, "messages", members);
  switch (part.kind) {
    case "text":
      return write(`"type":"text","text":${part.text}`);
    case "refusal":
      throw noEquivalent(`${part.place}, a refusal,`, "messages");
    case "image":
    case "file":
      if (role === "user") return write(part.kind === "image" ? imageMembers(part) : fileMembers(part));
      throw noEquivalent(`${part.place}, in a message of role ${JSON.stringify(role)},`, "messages");
  }
}

function imageMembers({ source, detail, place }: Part & { kind: "image" }): string {
  if (detail !== null) throw noEquivalent(`${place}.detail ${JSON.stringify(detail)}`, "messages");
  return `"type":"image","source":${sourceJson(source, IMAGE_TYPES, place)}`;
}

function fileMembers({ source, name, place }: Part & { kind: "file" }): string {
  const title = name === null ? "" : `,"title":${JSON.stringify(name)}`;
  return `"type":"document","source":${sourceJson(source, ["application/pdf"], place)}${title}`;
}

function sourceJson(source: Source, types: readonly string[], place: string): string {
  if (source.kind === "id") throw noEquivalent(`${place}.file_id`, "messages");
  if (source.kind === "url") return JSON.stringify({ type: "url", url: source.url });
  const type = bareType(source.mediaType);
  if (!types.includes(type)) throw noEquivalent(`${place}, of ${source.mediaType},`, "messages");
  return JSON.stringify({ type: "base64", media_type: type, data: source.base64 });
}

/** A type without its parameters; a JPEG may have a name that only browsers and OpenAI forgive. */
function bareType(mediaType: string): string {
  const type = mediaType.split(";", 1)[0]!.trim().toLowerCase();
  return type === "image/jpg" ? "image/jpeg" : type;
}
