import { isObject } from "../../domain/row.ts";
import type { ConversationApi } from "./conversation.ts";

type Json = Readonly<Record<string, unknown>>;
type Apis = readonly ConversationApi[];

/** The APIs that write parts of a type. Other types are nobody's that we know: they are the provider's affair. */
const PARTS: ReadonlyMap<unknown, Apis> = new Map<unknown, Apis>([
  ["text", ["chat", "messages"]],
  ["refusal", ["chat", "responses"]],
  ...known(["image_url", "input_audio", "file", "audio_url", "video_url", "document_url"], "chat"),
  ...known(["image", "document", "tool_use", "tool_result", "search_result"], "messages"),
  ...known(["thinking", "redacted_thinking"], "messages"),
  ...known(["input_text", "input_image", "input_file", "output_text"], "responses"),
]);
/** Members that only messages of chat completions have. */
const CHAT_MEMBERS: ReadonlySet<string> = new Set([
  ...["tool_calls", "tool_call_id", "function_call", "refusal", "audio", "annotations", "name"],
  ...["reasoning_content", "reasoning", "reasoning_details"],
]);
const CHAT_ROLES: readonly unknown[] = ["tool", "function"];
const INSTRUCTORS: readonly unknown[] = ["system", "developer"];
const CHOICES_OF_MESSAGES: readonly unknown[] = ["auto", "any", "tool", "none"];

function known(types: readonly string[], api: ConversationApi): [string, Apis][] {
  return types.map((type) => [type, [api]]);
}

/** Whether anything in a list of messages is written as another API has it. What is not, is sent as it stands. */
export function isForeignList(messages: readonly Json[], api: ConversationApi): boolean {
  return (
    messages.some((message) => isForeignMessage(message, api) || hasForeignPart(message.content, api)) ||
    (api === "messages" && hasInstructionsToPut(messages))
  );
}

function isForeignMessage(message: Json, api: ConversationApi): boolean {
  if (message.role === undefined || message.type === "message") return api !== "responses";
  if (api === "chat") return false;
  return CHAT_ROLES.includes(message.role) || hasChatMember(message);
}

/** Of every message of a run, most of which have two members. */
function hasChatMember(message: Json): boolean {
  for (const name in message) if (CHAT_MEMBERS.has(name)) return true;
  return false;
}

/** The first message may become the system prompt. Anthropic takes no other as the list's first, and none of a developer. */
function hasInstructionsToPut(messages: readonly Json[]): boolean {
  const isSecond = messages[1]?.role === "system" && INSTRUCTORS.includes(messages[0]?.role);
  return isSecond || messages.some(({ role }, index) => role === "developer" && index > 0);
}

function hasForeignPart(content: unknown, api: ConversationApi): boolean {
  return Array.isArray(content) && content.some((part) => isObject(part) && isForeignPart(part, api));
}

function isForeignPart(part: Json, api: ConversationApi): boolean {
  const apis = PARTS.get(part.type);
  return apis !== undefined && !apis.includes(api) && !(api === "chat" && isExtension(part));
}

/** What servers of chat completions have added to it under names that are Anthropic's too. */
function isExtension({ type, source, thinking }: Json): boolean {
  if (type === "image") return !isObject(source);
  if (type === "document") return !isObject(source) || source.type === "text" || source.type === "content";
  return type === "thinking" && typeof thinking !== "string";
}

/** Whether a tool is written as another API has it. */
export function isForeignTool(tool: Json, api: ConversationApi): boolean {
  const { type, name } = tool;
  const isNested = isObject(tool.function);
  switch (api) {
    case "chat":
      return !isNested && (type === "function" || "input_schema" in tool);
    case "messages":
      return isNested || type === "function" || name === undefined;
    case "responses":
      return isNested || "input_schema" in tool || (typeof type === "string" && /_\d{8}$/.test(type));
  }
}

/** Whether a `tool_choice` is written as another API has it. */
export function isForeignChoice(choice: unknown, api: ConversationApi): boolean {
  if (!isObject(choice)) return api === "messages";
  const isOfMessages = CHOICES_OF_MESSAGES.includes(choice.type);
  if (api === "messages") return !isOfMessages;
  const isNested = isObject(choice.function);
  return isOfMessages || (choice.type === "function" && isNested !== (api === "chat"));
}
