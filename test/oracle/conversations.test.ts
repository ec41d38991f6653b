import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import type { RequestSettings } from "../../src/domain/request.ts";
import { ask, KEY } from "./ask.ts";
import { startRecorder } from "./recorder.ts";

/** The same conversation as each API has it, in the SDKs' own types: what one is, the others are turned into. */

const PNG = "iVBORw0KGgo=";
const PDF = "JVBERi0xLjQ=";
const PICTURE = "https://example.com/lisbon.jpg";
const PARAMETERS = { type: "object" as const, properties: { city: { type: "string" } }, required: ["city"] };
const DESCRIPTION = "How warm it is";

const CHAT = {
  model: "m-1",
  messages: [
    { role: "system", content: "Be brief." },
    {
      role: "user",
      content: [
        { type: "text", text: "Which cities are these, and how warm are they?" },
        { type: "image_url", image_url: { url: `data:image/png;base64,${PNG}` } },
        { type: "image_url", image_url: { url: PICTURE } },
        { type: "file", file: { filename: "map.pdf", file_data: `data:application/pdf;base64,${PDF}` } },
      ],
    },
    {
      role: "assistant",
      content: "I look it up.",
      tool_calls: [
        { id: "c1", type: "function", function: { name: "warmth", arguments: '{"city":"Lisbon","id":1}' } },
        { id: "c2", type: "function", function: { name: "warmth", arguments: '{"city":"Porto","id":2}' } },
      ],
    },
    { role: "tool", tool_call_id: "c1", content: "21" },
    { role: "tool", tool_call_id: "c2", content: "18" },
    { role: "assistant", content: "Lisbon has 21 degrees, Porto 18." },
    { role: "user", content: "And Faro?" },
  ],
  tools: [
    { type: "function", function: { name: "warmth", description: DESCRIPTION, parameters: PARAMETERS } },
    { type: "function", function: { name: "exact", parameters: PARAMETERS, strict: true } },
  ],
  tool_choice: { type: "function", function: { name: "warmth" } },
} satisfies OpenAI.Chat.ChatCompletionCreateParamsNonStreaming;

const RESPONSE = {
  model: "m-1",
  input: [
    { role: "system", content: "Be brief." },
    {
      role: "user",
      content: [
        { type: "input_text", text: "Which cities are these, and how warm are they?" },
        { type: "input_image", image_url: `data:image/png;base64,${PNG}`, detail: "auto" },
        { type: "input_image", image_url: PICTURE, detail: "auto" },
        { type: "input_file", filename: "map.pdf", file_data: `data:application/pdf;base64,${PDF}` },
      ],
    },
    { role: "assistant", content: "I look it up." },
    { type: "function_call", call_id: "c1", name: "warmth", arguments: '{"city":"Lisbon","id":1}' },
    { type: "function_call", call_id: "c2", name: "warmth", arguments: '{"city":"Porto","id":2}' },
    { type: "function_call_output", call_id: "c1", output: "21" },
    { type: "function_call_output", call_id: "c2", output: "18" },
    { role: "assistant", content: "Lisbon has 21 degrees, Porto 18." },
    { role: "user", content: "And Faro?" },
  ],
  tools: [
    { type: "function", name: "warmth", description: DESCRIPTION, parameters: PARAMETERS, strict: false },
    { type: "function", name: "exact", parameters: PARAMETERS, strict: true },
  ],
  tool_choice: { type: "function", name: "warmth" },
} satisfies OpenAI.Responses.ResponseCreateParamsNonStreaming;

const MESSAGE = {
  model: "m-1",
  max_tokens: 50,
  system: "Be brief.",
  messages: [
    {
      role: "user",
      content: [
        { type: "text", text: "Which cities are these, and how warm are they?" },
        { type: "image", source: { type: "base64", media_type: "image/png", data: PNG } },
        { type: "image", source: { type: "url", url: PICTURE } },
        {
          type: "document",
          source: { type: "base64", media_type: "application/pdf", data: PDF },
          title: "map.pdf",
        },
      ],
    },
    {
      role: "assistant",
      content: [
        { type: "text", text: "I look it up." },
        { type: "tool_use", id: "c1", name: "warmth", input: { city: "Lisbon", id: 1 } },
        { type: "tool_use", id: "c2", name: "warmth", input: { city: "Porto", id: 2 } },
      ],
    },
    {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "c1", content: "21" },
        { type: "tool_result", tool_use_id: "c2", content: "18" },
      ],
    },
    { role: "assistant", content: "Lisbon has 21 degrees, Porto 18." },
    { role: "user", content: "And Faro?" },
  ],
  tools: [
    { name: "warmth", description: DESCRIPTION, input_schema: PARAMETERS },
    { name: "exact", input_schema: PARAMETERS, strict: true },
  ],
  tool_choice: { type: "tool", name: "warmth" },
} satisfies Anthropic.MessageCreateParamsNonStreaming;

/** A row holds a conversation under the same names, whatever it is written for. */
const ROWS = {
  chat: { messages: CHAT.messages, tools: CHAT.tools, tool_choice: CHAT.tool_choice },
  responses: { messages: RESPONSE.input, tools: RESPONSE.tools, tool_choice: RESPONSE.tool_choice },
  messages: {
    messages: [{ role: "system", content: MESSAGE.system }, ...MESSAGE.messages],
    tools: MESSAGE.tools,
    tool_choice: MESSAGE.tool_choice,
  },
};
type Api = keyof typeof ROWS;
const APIS = Object.keys(ROWS) as Api[];

const CALLS: Record<Api, (url: string) => PromiseLike<unknown>> = {
  chat: (url) => openAi(url).chat.completions.create(CHAT),
  responses: (url) => openAi(url).responses.create(RESPONSE),
  messages: (url) =>
    new Anthropic({ apiKey: KEY, authToken: null, maxRetries: 0, baseURL: url }).messages.create(MESSAGE),
};

function openAi(url: string): OpenAI {
  return new OpenAI({ apiKey: KEY, maxRetries: 0, baseURL: `${url}/v1` });
}

function settingsFor(api: Api, url: string): Partial<RequestSettings> & { baseUrl: string } {
  const common = { api, model: "m-1" };
  return api === "messages"
    ? { ...common, provider: "anthropic", baseUrl: url, maxTokens: 50 }
    : { ...common, baseUrl: `${url}/v1` };
}

describe.each(APIS)("a conversation written for %s", (source) => {
  test.each(APIS)("is sent to %s as its SDK sends the same", async (target) => {
    const { url, recorded } = await startRecorder({ data: [], choices: [], output: [], content: [] });
    await CALLS[target](url);
    await ask(ROWS[source], settingsFor(target, url));
    expect(recorded).toHaveLength(2);
    const [theirs, ours] = recorded;
    expect(ours!.path).toBe(theirs!.path);
    expect(ours!.body).toEqual(theirs!.body);
  });

  test.each(APIS)("gives %s the run's tools in its own form", async (target) => {
    const { url, recorded } = await startRecorder({ data: [], choices: [], output: [], content: [] });
    await CALLS[target](url);
    const { messages, ...fields } = ROWS[source];
    const params = Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [name, JSON.stringify(value)]),
    );
    await ask({ messages }, { ...settingsFor(target, url), params });
    expect(recorded[1]!.body).toEqual(recorded[0]!.body);
  });
});
