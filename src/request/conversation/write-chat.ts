import { type Call, type Item, noEquivalent, type Part, type Result, type Turn } from "./conversation.ts";
import { contentJson, NAMELESS, partJson, urlOf } from "./write-parts.ts";

/** A turn, and the calls that the assistant asks for with it; or calls alone. */
interface Said {
  turn: Turn | null;
  calls: Call[];
}

/**
 * A conversation as chat completions have it: the JSON text of a list of messages.
 * @throws RowError NO_EQUIVALENT.
 */
export function writeChat(items: readonly Item[]): string {
  const messages: (Said | Result)[] = [];
  for (const item of items) {
    const last = messages.at(-1);
    const asking = last !== undefined && "calls" in last && isAsking(last) ? last : null;
    if (item.kind === "result") messages.push(item);
    else if (item.kind === "turn") messages.push(turnAfter(asking, item));
    else if (asking !== null) asking.calls.push(item);
    else messages.push({ turn: null, calls: [item] });
  }
  return `[${messages.map((one) => ("calls" in one ? message(one) : toolMessage(one))).join(",")}]`;
}

function isAsking({ turn }: Said): boolean {
  return turn === null || turn.role === "assistant";
}

/** Between calls and their results nothing may be said. */
function turnAfter(asking: Said | null, turn: Turn): Said {
  if (asking === null || asking.calls.length === 0 || turn.role !== "assistant") return { turn, calls: [] };
  throw noEquivalent(`${turn.place}, which goes on after a call of a tool,`, "chat");
}

function message({ turn, calls }: Said): string {
  const role = turn?.role ?? "assistant";
  const content = turn === null ? "null" : contentJson(turn.parts, (part) => chatPart(part, role));
  const asked = calls.length === 0 ? "" : `,"tool_calls":[${calls.map(toolCall).join(",")}]`;
  return `{"role":"${role}","content":${content}${asked}}`;
}

function toolCall({ id, name, arguments: args }: Call): string {
  return JSON.stringify({ id, type: "function", function: { name, arguments: args } });
}

function toolMessage({ id, parts, isError, place }: Result): string {
  if (isError) throw noEquivalent(`${place}.is_error`, "chat");
  const content = contentJson(parts, (part) => chatPart(part, "tool"));
  return `{"role":"tool","tool_call_id":${JSON.stringify(id)},"content":${content}}`;
}

function chatPart(part: Part, role: string): string {
  const write = (members: string): string => partJson(part, "chat", members);
  switch (part.kind) {
    case "text":
      return write(`"type":"text","text":${part.text}`);
    case "refusal":
      return write(`"type":"refusal","refusal":${part.text}`);
    case "image":
    case "file":
      if (role === "user") return write(part.kind === "image" ? imageMembers(part) : fileMembers(part));
      throw noEquivalent(`${part.place}, in a message of role ${JSON.stringify(role)},`, "chat");
  }
}

function imageMembers({ source, detail, place }: Part & { kind: "image" }): string {
  const url = urlOf(source);
  if (url === null) throw noEquivalent(`${place}.file_id`, "chat");
  if (detail === "original") throw noEquivalent(`${place}.detail "original"`, "chat");
  return `"type":"image_url","image_url":${JSON.stringify(detail === null ? { url } : { url, detail })}`;
}

function fileMembers({ source, name, place }: Part & { kind: "file" }): string {
  if (source.kind === "url") throw noEquivalent(`${place}, a file at an address,`, "chat");
  const file =
    source.kind === "id"
      ? { file_id: source.id, ...(name !== null && { filename: name }) }
      : { filename: name ?? NAMELESS, file_data: urlOf(source) };
  return `"type":"file","file":${JSON.stringify(file)}`;
}
