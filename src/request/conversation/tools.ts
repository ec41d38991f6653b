import type { Api } from "../../domain/request.ts";
import { isObject } from "../../domain/row.ts";
import { type ConversationApi, isConversational, noEquivalent } from "./conversation.ts";
import { badType, Fields, objectsOf } from "./fields.ts";
import { isForeignChoice, isForeignTool } from "./foreign.ts";

/** A function that the model may call, in no API's form. Parameters are JSON text. */
interface Tool {
  name: string;
  description: string | null;
  parameters: string | null;
  isStrict: boolean;
}

const NO_PARAMETERS = '{"type":"object","properties":{}}';

/**
 * The JSON text of `tools` as an API has them: as they stand where they are written so.
 * @throws RowError NO_EQUIVALENT, BAD_FIELD_TYPE.
 */
export function toolsFor(api: ConversationApi, tools: readonly unknown[], json: string): string {
  if (!tools.some((tool) => isObject(tool) && isForeignTool(tool, api))) return json;
  return `[${objectsOf("tools", tools, json)
    .map((tool) => toolJson(readTool(tool, api), api))
    .join(",")}]`;
}

function readTool(tool: Fields, api: ConversationApi): Tool {
  const type = tool.string("type") ?? "custom";
  const isNested = tool.value("function") !== undefined;
  const isAnthropic = type === "custom" && tool.value("input_schema") !== undefined;
  if (type !== "function" && !isAnthropic)
    throw noEquivalent(`${tool.place}, of type ${JSON.stringify(type)},`, api);
  const holder = isNested ? tool.object("function") : tool;
  const read: Tool = {
    name: holder.neededString("name"),
    description: holder.string("description"),
    parameters: schemaIn(holder, isAnthropic ? "input_schema" : "parameters"),
    isStrict: holder.boolean("strict") ?? false,
  };
  holder.end(api);
  tool.end(api);
  return read;
}

/** OpenAI takes `{}` for a function without parameters; Anthropic wants to be told that they are an object. */
function schemaIn(holder: Fields, name: string): string | null {
  const value = holder.value(name);
  return isObject(value) && Object.keys(value).length === 0 ? null : holder.json(name);
}

function toolJson({ name, description, parameters, isStrict }: Tool, api: ConversationApi): string {
  const named = `"name":${JSON.stringify(name)}`;
  const described = description === null ? "" : `,"description":${JSON.stringify(description)}`;
  const strict = isStrict ? ',"strict":true' : "";
  switch (api) {
    case "chat": {
      const given = parameters === null ? "" : `,"parameters":${parameters}`;
      return `{"type":"function","function":{${named}${described}${given}${strict}}}`;
    }
    case "messages":
      return `{${named}${described},"input_schema":${parameters ?? NO_PARAMETERS}${strict}}`;
    case "responses":
      // Left out it would be tried first, and the other APIs are not strict unless told.
      return `{"type":"function",${named}${described},"parameters":${parameters ?? NO_PARAMETERS},"strict":${isStrict}}`;
  }
}

/** Which tool the model is to call, in no API's form. */
interface Choice {
  mode: "none" | "auto" | "required" | "function";
  /** Of a function. */
  name: string | null;
  /** Whether it may call but one at a time. */
  isSingle: boolean;
}

/** Names of fields to JSON text. */
type NamedJson = [name: string, json: string][];

/**
 * The body's fields that say what a `tool_choice` says.
 * @throws RowError NO_EQUIVALENT, BAD_FIELD_TYPE.
 */
export function choiceFor(api: ConversationApi, choice: unknown, json: string): NamedJson {
  if (!isForeignChoice(choice, api)) return [["tool_choice", json]];
  const { mode, name, isSingle } = readChoice(choice, json, api);
  if (api === "messages") {
    const type = { none: "none", auto: "auto", required: "any", function: "tool" }[mode];
    return [["tool_choice", JSON.stringify(name === null ? { type } : { type, name })]];
  }
  const called = api === "chat" ? { type: "function", function: { name } } : { type: "function", name };
  const fields: NamedJson = [["tool_choice", JSON.stringify(mode === "function" ? called : mode)]];
  return isSingle ? [...fields, ["parallel_tool_calls", "false"]] : fields;
}

/**
 * What a body field of that name and value is as an API has it: tools may be written as any of them does.
 * @throws RowError NO_EQUIVALENT, BAD_FIELD_TYPE.
 */
export function fieldsFor(api: Api, name: string, json: string): NamedJson {
  if (!isConversational(api) || (name !== "tools" && name !== "tool_choice")) return [[name, json]];
  const value: unknown = JSON.parse(json);
  if (name === "tools") return [[name, Array.isArray(value) ? toolsFor(api, value, json) : json]];
  return value === null ? [[name, json]] : choiceFor(api, value, json);
}

const MODES: Readonly<Record<string, Choice["mode"]>> = {
  none: "none",
  auto: "auto",
  required: "required",
  any: "required",
  tool: "function",
  function: "function",
};

function readChoice(choice: unknown, json: string, api: ConversationApi): Choice {
  if (typeof choice === "string") return { mode: modeOf(choice, api), name: null, isSingle: false };
  if (!isObject(choice)) throw badType("tool_choice", choice, "a string or an object");
  const fields = new Fields("tool_choice", choice, json);
  const mode = modeOf(fields.neededString("type"), api);
  const holder = fields.value("function") === undefined ? fields : fields.object("function");
  const name = mode === "function" ? holder.neededString("name") : null;
  const isSingle = fields.boolean("disable_parallel_tool_use") ?? false;
  holder.end(api);
  fields.end(api);
  return { mode, name, isSingle };
}

function modeOf(said: string, api: ConversationApi): Choice["mode"] {
  if (Object.hasOwn(MODES, said)) return MODES[said]!;
  throw noEquivalent(`tool_choice ${JSON.stringify(said)}`, api);
}
