import { isObject } from "../../domain/row.ts";
import { type ConversationApi, type Item, noEquivalent, type Part } from "./conversation.ts";
import { type Fields, objectsOf } from "./fields.ts";
import { readPart, readParts } from "./read-parts.ts";

/** What OpenAI says of its own items, and the model is not told. */
const BOOKKEEPING = ["type", "id", "status"];
const ROLES: readonly string[] = ["system", "developer", "user", "assistant"];

/**
 * Reads a list of messages, whatever API each of them was written for.
 *
 * @param api for which it is read, for messages
 * @throws RowError NO_EQUIVALENT, BAD_FIELD_TYPE.
 */
export function readConversation(value: unknown, json: string, api: ConversationApi): Item[] {
  return objectsOf("messages", value, json).flatMap((message) => {
    const items = readMessage(message, api);
    message.end(api);
    return items;
  });
}

function readMessage(message: Fields, api: ConversationApi): Item[] {
  const role = message.string("role");
  if (role === null) return [readItem(message, api)];
  if (role === "tool") return [toolMessage(message, api)];
  if (!ROLES.includes(role)) throw noEquivalent(`${message.place}, of role ${JSON.stringify(role)},`, api);
  if (message.value("type") === "message") message.skip(...BOOKKEEPING);
  const said = saidIn(message, role, api);
  const refusal = message.string("refusal") ? message.json("refusal") : null;
  const { place } = message;
  const refused: Item[] =
    refusal === null
      ? []
      : [
          {
            kind: "turn",
            place,
            role,
            parts: [{ kind: "refusal", place, shared: new Map(), text: refusal }],
          },
        ];
  const items = [...said, ...refused, ...message.objects("tool_calls").map((call) => toolCall(call, api))];
  return items.length > 0 ? items : [{ kind: "turn", place, role, parts: [] }];
}

/** Blocks of Anthropic's hold calls and results among the parts: each stands for itself here. */
function saidIn(message: Fields, role: string, api: ConversationApi): Item[] {
  const { place } = message;
  const turn = (parts: readonly Part[]): Item => ({ kind: "turn", place, role, parts });
  const content = message.value("content");
  if (content === "") return [];
  if (typeof content === "string") return [turn(readParts(message, "content", api))];
  const items: Item[] = [];
  let parts: Part[] = [];
  for (const part of message.objects("content")) {
    const item = blockItem(part, api);
    if (item === null) parts.push(readPart(part, api));
    else {
      if (parts.length > 0) items.push(turn(parts));
      items.push(item);
      parts = [];
    }
  }
  return parts.length > 0 ? [...items, turn(parts)] : items;
}

/** Null for a part that is none. */
function blockItem(part: Fields, api: ConversationApi): Item | null {
  const type = part.value("type");
  if (type !== "tool_use" && type !== "tool_result") return null;
  const item = type === "tool_use" ? toolUse(part, api) : toolResult(part, api);
  part.end(api);
  return item;
}

function toolUse(block: Fields, api: ConversationApi): Item {
  block.object("input");
  skipDirect(block, api);
  return {
    kind: "call",
    place: block.place,
    id: block.neededString("id"),
    name: block.neededString("name"),
    arguments: block.json("input")!,
  };
}

function toolResult(block: Fields, api: ConversationApi): Item {
  return {
    kind: "result",
    place: block.place,
    id: block.neededString("tool_use_id"),
    parts: readParts(block, "content", api),
    isError: block.boolean("is_error") ?? false,
  };
}

/** That it was the model itself who called goes without saying. */
function skipDirect(call: Fields, api: ConversationApi): void {
  const caller = call.value("caller");
  if (caller === undefined || (isObject(caller) && caller.type === "direct")) return;
  throw noEquivalent(`${call.place}.caller`, api);
}

function toolCall(call: Fields, api: ConversationApi): Item {
  const type = call.string("type") ?? "function";
  if (type !== "function") throw noEquivalent(`${call.place}, of type ${JSON.stringify(type)},`, api);
  const asked = call.object("function");
  const item: Item = {
    kind: "call",
    place: call.place,
    id: call.neededString("id"),
    name: asked.neededString("name"),
    arguments: asked.neededString("arguments"),
  };
  call.skip("index");
  asked.end(api);
  call.end(api);
  return item;
}

/** Some servers want to be told the name of the function once more. */
function toolMessage(message: Fields, api: ConversationApi): Item {
  message.skip("name");
  return {
    kind: "result",
    place: message.place,
    id: message.neededString("tool_call_id"),
    parts: readParts(message, "content", api),
    isError: false,
  };
}

/** What has no role is an item of a response. */
function readItem(item: Fields, api: ConversationApi): Item {
  const type = item.string("type");
  const { place } = item;
  item.skip(...BOOKKEEPING);
  skipDirect(item, api);
  if (type === "function_call") {
    const [id, name] = [item.neededString("call_id"), item.neededString("name")];
    return { kind: "call", place, id, name, arguments: item.neededString("arguments") };
  }
  if (type !== "function_call_output") {
    throw noEquivalent(`${place}, of type ${JSON.stringify(type)},`, api);
  }
  const id = item.neededString("call_id");
  return { kind: "result", place, id, parts: readParts(item, "output", api), isError: false };
}
