import { type Call, type Item, noEquivalent, type Part, type Result, type Turn } from "./conversation.ts";
import { contentJson, NAMELESS, partJson, urlOf } from "./write-parts.ts";

/**
 * A conversation as Responses have it: the JSON text of a list of items.
 * @throws RowError NO_EQUIVALENT.
 */
export function writeResponses(items: readonly Item[]): string {
  return `[${items.map(itemJson).join(",")}]`;
}

function itemJson(item: Item): string {
  switch (item.kind) {
    case "turn":
      return turn(item);
    case "call":
      return call(item);
    case "result":
      return result(item);
  }
}

function turn({ role, parts }: Turn): string {
  return `{"role":"${role}","content":${contentJson(parts, (part) => contentPart(part, role))}}`;
}

function call({ id, name, arguments: args }: Call): string {
  return JSON.stringify({ type: "function_call", call_id: id, name, arguments: args });
}

function result({ id, parts, isError, place }: Result): string {
  if (isError) throw noEquivalent(`${place}.is_error`, "responses");
  const output = contentJson(parts, (part) => contentPart(part, "tool"));
  return `{"type":"function_call_output","call_id":${JSON.stringify(id)},"output":${output}}`;
}

/** What the model said itself is told apart from what it was told. */
function contentPart(part: Part, role: string): string {
  const write = (members: string): string => partJson(part, "responses", members);
  const isOwn = role === "assistant";
  switch (part.kind) {
    case "text":
      return write(
        isOwn
          ? `"type":"output_text","text":${part.text},"annotations":[]`
          : `"type":"input_text","text":${part.text}`,
      );
    case "refusal":
      return write(`"type":"refusal","refusal":${part.text}`);
    case "image":
    case "file":
      if (!isOwn) return write(part.kind === "image" ? imageMembers(part) : fileMembers(part));
      throw noEquivalent(`${part.place}, in a message of role "assistant",`, "responses");
  }
}

function imageMembers({ source, detail }: Part & { kind: "image" }): string {
  const image = source.kind === "id" ? { file_id: source.id } : { image_url: urlOf(source) };
  return JSON.stringify({ type: "input_image", ...image, detail: detail ?? "auto" }).slice(1, -1);
}

function fileMembers({ source, name }: Part & { kind: "file" }): string {
  const named = name === null ? {} : { filename: name };
  const file =
    source.kind === "data"
      ? { filename: name ?? NAMELESS, file_data: urlOf(source) }
      : source.kind === "id"
        ? { file_id: source.id, ...named }
        : { file_url: source.url, ...named };
  return JSON.stringify({ type: "input_file", ...file }).slice(1, -1);
}
