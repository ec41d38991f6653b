import { describe, expect, test } from "vitest";
import type { Api } from "../../../src/domain/request.ts";
import {
  ASKED,
  bodyOf,
  build,
  call,
  image,
  messagesOf,
  partOf,
  refusal,
  URL,
  user,
} from "../../helpers/conversations.ts";

describe("what is written as the API has it stays to the byte", () => {
  const spaced = (parts: string) => `[ {"role" :"user", "content":[ ${parts} ], "own":1.0} ]`;
  test.each<[string, Api, string]>([
    [
      "a picture",
      "chat",
      '{"type":"image_url","image_url":{"url":"data:image/png;base64,AA","detail":"low"}}',
    ],
    ["a part that nobody knows", "chat", '{"type":"image","image":"x"}'],
    ["a part that nobody knows", "messages", '{"type":"new_block","n":12345678901234567890}'],
    ["thoughts as Mistral has them", "chat", '{"type":"thinking","thinking":[{"type":"text","text":"hm"}]}'],
    [
      "a video as vLLM has it",
      "chat",
      '{"type":"video_url","video_url":{"url":"https://example.com/a.mp4"}}',
    ],
    [
      "a text document, as gateways take it",
      "chat",
      '{"type":"document","source":{"type":"text","data":"a"}}',
    ],
    ["a block of Anthropic's", "messages", '{"type":"search_result","source":"s","title":"t","content":[]}'],
    ["a picture of a response", "responses", '{"type":"input_image","file_id":"f","detail":"original"}'],
  ])("%s, to %s", (_what, api, part) => {
    const { body } = build(`{"messages":${spaced(part)}}`, { api });
    expect(body).toContain(spaced(part));
  });

  test("an item of a response without a role", () => {
    const items = [
      { type: "reasoning", id: "r", summary: [] },
      { type: "item_reference", id: "i" },
    ];
    expect(messagesOf(items, "responses")).toEqual(items);
  });

  test("a system message among others, which Anthropic takes", () => {
    const messages = [
      { role: "user", content: "a" },
      { role: "system", content: "b" },
    ];
    expect(messagesOf(messages, "messages")).toEqual(messages);
  });

  test("tools of the provider's own", () => {
    const messages = [{ role: "user", content: "a" }];
    const tools = [{ type: "web_search_20250305", name: "web_search", max_uses: 3 }];
    expect(bodyOf({ messages, tools }, "messages").tools).toEqual(tools);
    expect(bodyOf({ messages, tools }, "chat").tools).toEqual(tools);
    expect(bodyOf({ messages, tools: [{ type: "web_search" }] }, "responses").tools).toEqual([
      { type: "web_search" },
    ]);
  });
});

describe("what is written as another API has it", () => {
  test("is turned part by part, so that a row may mix them", () => {
    const parts = [
      { type: "text", text: "a" },
      { type: "input_text", text: "b" },
      { type: "image", source: { type: "url", url: URL } },
    ];
    expect(messagesOf([user(...parts)], "chat")).toEqual([
      user({ type: "text", text: "a" }, { type: "text", text: "b" }, image({ url: URL })),
    ]);
  });

  test("keeps numbers and names as they stand in arguments and schemas", () => {
    const input = '{"n":12345678901234567890,"2":1.0,"1":0}';
    const block = `{"type":"tool_use","id":"c1","name":"f","input":${input}}`;
    const { body } = build(`{"messages":[{"role":"assistant","content":[${block}]}]}`, { api: "chat" });
    expect(JSON.parse(body).messages[0].tool_calls[0].function.arguments).toBe(input);
    const back = build({ messages: [{ ...ASKED, tool_calls: [call(input)] }] }, { api: "messages" }).body;
    expect(back).toContain(`"input":${input}`);
    const tools = `[{"name":"f","input_schema":${input}}]`;
    const told = build(`{"messages":[{"role":"user","content":"a"}],"tools":${tools}}`, { api: "responses" });
    expect(told.body).toContain(`"parameters":${input}`);
  });

  test("may be an image's address alone, and a JPEG by the name that browsers forgive", () => {
    expect(partOf(image(URL), "messages")).toEqual({ type: "image", source: { type: "url", url: URL } });
    expect(partOf(image({ url: "data:image/jpg;base64,AA", detail: "auto" }), "messages").source).toEqual({
      type: "base64",
      media_type: "image/jpeg",
      data: "AA",
    });
  });

  test("keeps how closely a picture is looked at where both can say it", () => {
    expect(partOf(image({ url: URL, detail: "low" }), "responses").detail).toBe("low");
  });

  test("keeps OpenAI's files between its two APIs, and files at an address", () => {
    const file = { type: "file", file: { file_id: "file-1" } };
    expect(partOf(file, "responses")).toEqual({ type: "input_file", file_id: "file-1" });
    const document = {
      type: "document",
      source: { type: "url", url: "https://example.com/a.pdf" },
      title: "A",
    };
    const at = { type: "input_file", file_url: "https://example.com/a.pdf", filename: "A" };
    expect(partOf(document, "responses")).toEqual(at);
    expect(partOf(at, "messages")).toEqual(document);
  });

  test("names a file without a name, as OpenAI takes none", () => {
    const pdf = { type: "document", source: { type: "base64", media_type: "application/pdf", data: "AA" } };
    const file_data = "data:application/pdf;base64,AA";
    expect(partOf(pdf, "chat").file).toEqual({ filename: "document.pdf", file_data });
    expect(partOf(pdf, "responses")).toEqual({ type: "input_file", filename: "document.pdf", file_data });
  });

  test("keeps what some APIs share where they do", () => {
    const cached = { ...image({ url: URL }), cache_control: { type: "ephemeral" } };
    expect(partOf(cached, "messages").cache_control).toEqual({ type: "ephemeral" });
    expect(refusal({ messages: [user(cached)] }, "responses")).toContain(
      "messages[0].content[0].cache_control",
    );
  });

  test("turns items of a response into messages, and leaves out what only its server needs", () => {
    const items = [
      {
        type: "message",
        id: "m",
        status: "completed",
        role: "assistant",
        content: [{ type: "output_text", text: "I look.", annotations: [], logprobs: [] }],
      },
      { type: "function_call", id: "fc", status: "completed", call_id: "c1", name: "f", arguments: "{}" },
      { type: "function_call_output", call_id: "c1", output: "1" },
    ];
    expect(messagesOf(items, "chat")).toEqual([
      { role: "assistant", content: "I look.", tool_calls: [call("{}")] },
      { role: "tool", tool_call_id: "c1", content: "1" },
    ]);
  });

  test("turns a whole reply of chat completions, with all the members that it leaves empty", () => {
    const reply = { ...ASKED, refusal: null, annotations: [], audio: null, function_call: null };
    const result = { role: "tool", tool_call_id: "c1", name: "f", content: "1" };
    expect(messagesOf([reply, result, { role: "user", content: "so?" }], "messages")).toEqual([
      { role: "assistant", content: [{ type: "tool_use", id: "c1", name: "f", input: {} }] },
      user({ type: "tool_result", tool_use_id: "c1", content: "1" }, { type: "text", text: "so?" }),
    ]);
    expect(messagesOf([{ ...ASKED, content: "" }], "responses")).toEqual([
      { type: "function_call", call_id: "c1", name: "f", arguments: "{}" },
    ]);
  });

  test("tells Anthropic of calls without arguments, and of results that failed only those that can hear it", () => {
    expect(messagesOf([{ ...ASKED, tool_calls: [call("")] }], "messages")[0].content[0].input).toEqual({});
    const result = (is_error: boolean) =>
      user({ type: "tool_result", tool_use_id: "c1", content: "no", is_error });
    expect(messagesOf([result(false)], "chat")).toEqual([
      { role: "tool", tool_call_id: "c1", content: "no" },
    ]);
    expect(refusal({ messages: [result(true)] }, "chat")).toContain("messages[0].content[0].is_error");
  });

  test("shows a response the pictures of a result", () => {
    const shown = {
      type: "tool_result",
      tool_use_id: "c1",
      content: [{ type: "image", source: { type: "url", url: URL } }],
    };
    expect(messagesOf([user(shown)], "responses")[0].output).toEqual([
      { type: "input_image", image_url: URL, detail: "auto" },
    ]);
    expect(refusal({ messages: [user(shown)] }, "chat")).toContain('in a message of role "tool"');
  });

  test("tells a response's own words from those it was told, and puts leading instructions together", () => {
    const two = [
      { type: "text", text: "a" },
      { type: "text", text: "b" },
    ];
    expect(messagesOf([{ role: "assistant", content: two }], "responses")[0].content).toEqual([
      { type: "output_text", text: "a", annotations: [] },
      { type: "output_text", text: "b", annotations: [] },
    ]);
    const messages = [
      { role: "system", content: "a" },
      { role: "developer", content: "b" },
      user(image(URL)),
    ];
    expect(bodyOf({ messages }, "messages").system).toEqual(two);
  });

  test("keeps refusals between OpenAI's APIs", () => {
    const refused = { role: "assistant", content: null, refusal: "No." };
    expect(messagesOf([refused], "responses")).toEqual([
      { role: "assistant", content: [{ type: "refusal", refusal: "No." }] },
    ]);
    expect(refusal({ messages: [refused] }, "messages")).toMatch(/^NO_EQUIVALENT messages\[0\], a refusal,/);
  });

  test.each<[Api, unknown, object]>([
    ["messages", "required", { tool_choice: { type: "any" } }],
    ["messages", "none", { tool_choice: { type: "none" } }],
    ["chat", { type: "any" }, { tool_choice: "required" }],
    [
      "responses",
      { type: "auto", disable_parallel_tool_use: true },
      { tool_choice: "auto", parallel_tool_calls: false },
    ],
  ])("for %s the choice %j", (api, tool_choice, wanted) => {
    const tools = [{ name: "f", input_schema: { type: "object" } }];
    expect(bodyOf({ messages: [{ role: "user", content: "a" }], tools, tool_choice }, api)).toMatchObject(
      wanted,
    );
  });

  test("may be a data URL with parameters, and in capitals", () => {
    const url = "data:image/PNG;charset=utf-8;base64,AA";
    const source = { type: "base64", media_type: "image/png", data: "AA" };
    expect(partOf(image({ url }), "messages").source).toEqual(source);
    expect(partOf(image({ url: "DATA:image/png;BASE64,AA" }), "messages").source).toEqual(source);
    expect(partOf(image({ url }), "responses").image_url).toBe(url);
    expect(partOf(image({ url: "HTTPS://example.com/a.png" }), "messages").source.type).toBe("url");
  });

  test("has no members that are empty texts, as tables fill them in", () => {
    const reply = { role: "assistant", content: "a", reasoning_content: "", refusal: "", name: "" };
    expect(messagesOf([reply, user(image(URL))], "messages")[0]).toEqual({ role: "assistant", content: "a" });
    expect(messagesOf([reply], "responses")).toEqual([{ role: "assistant", content: "a" }]);
  });

  test("counts pictures as before, not by their bytes", () => {
    const messages = [user(image({ url: `data:image/png;base64,${"A".repeat(400_000)}` }))];
    const tokens = (api: Api) => build({ messages }, { api }).charge.inputTokens;
    for (const api of ["messages", "responses"] as const) {
      expect(tokens(api)).toBeGreaterThan(1_600);
      expect(Math.abs(tokens(api) - tokens("chat"))).toBeLessThan(40);
    }
  });
});
