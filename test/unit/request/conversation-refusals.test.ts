import { expect, test } from "vitest";
import { LlmBatchError } from "../../../src/domain/errors.ts";
import type { Api } from "../../../src/domain/request.ts";
import { compileRequest } from "../../../src/request/compile-request.ts";
import { ASKED, call, image, refusal, URL, user } from "../../helpers/conversations.ts";
import { requestSettings } from "../../helpers/request-settings.ts";

const NO_EQUIVALENT: [what: string, api: Api, row: object, place: RegExp][] = [
  [
    "a sound",
    "messages",
    { messages: [user({ type: "input_audio", input_audio: {} })] },
    /content\[0\].*input_audio/,
  ],
  [
    "thoughts",
    "chat",
    { messages: [user({ type: "thinking", thinking: "hm", signature: "s" })] },
    /content\[0\].*thinking/,
  ],
  ["an item", "chat", { messages: [{ type: "reasoning", summary: [] }] }, /messages\[0\].*reasoning/],
  [
    "a detail",
    "messages",
    { messages: [user(image({ url: URL, detail: "low" }))] },
    /content\[0\]\.detail "low"/,
  ],
  [
    "another member",
    "messages",
    { messages: [user({ ...image({ url: URL }), own: 1 })] },
    /content\[0\]\.own/,
  ],
  ["a name", "messages", { messages: [{ role: "user", name: "bob", content: "a" }] }, /messages\[0\]\.name/],
  ["a format", "messages", { messages: [user(image("data:image/tiff;base64,AA"))] }, /image\/tiff/],
  ["a stored file", "messages", { messages: [user({ type: "file", file: { file_id: "f" } })] }, /file_id/],
  [
    "a text document",
    "responses",
    { messages: [user({ type: "document", source: { type: "text", data: "a" } })] },
    /source, of type "text"/,
  ],
  [
    "citations",
    "chat",
    {
      messages: [
        user({
          type: "document",
          source: { type: "base64", media_type: "application/pdf", data: "AA" },
          citations: { enabled: true },
        }),
      ],
    },
    /citations/,
  ],
  [
    "words after a call",
    "chat",
    {
      messages: [
        {
          role: "assistant",
          content: [
            { type: "tool_use", id: "c", name: "f", input: {} },
            { type: "text", text: "so" },
          ],
        },
      ],
    },
    /goes on after a call/,
  ],
  [
    "a tool of a provider",
    "messages",
    { messages: [user(image(URL))], tools: [{ type: "web_search" }] },
    /tools\[0\].*web_search/,
  ],
  [
    "a tool's own setting",
    "chat",
    { messages: [user()], tools: [{ name: "f", input_schema: {}, defer_loading: true }] },
    /tools\[0\]\.defer_loading/,
  ],
  [
    "a choice among tools",
    "messages",
    { messages: [user()], tools: [{ name: "f", input_schema: {} }], tool_choice: { type: "allowed_tools" } },
    /tool_choice "allowed_tools"/,
  ],
];

test.each(NO_EQUIVALENT)("%s that %s has nothing like is refused by its place", (_what, api, row, place) => {
  const message = refusal(row, api);
  expect(message).toMatch(/^NO_EQUIVALENT /);
  expect(message).toMatch(place);
});

const WRONG: [what: string, api: Api, row: object, says: RegExp][] = [
  [
    "arguments",
    "messages",
    { messages: [{ ...ASKED, tool_calls: [call("[1]")] }] },
    /tool_calls\[0\] are "\[1\]"/,
  ],
  ["an address", "messages", { messages: [user(image("gs://a/b.png"))] }, /begins with "gs:/],
  [
    "a part without its content",
    "messages",
    { messages: [user({ type: "image_url" })] },
    /content\[0\] has no "image_url"/,
  ],
  [
    "a type",
    "chat",
    { messages: [user({ type: "image", source: { type: "base64", media_type: 1, data: "" } })] },
    /media_type is a number/,
  ],
];

test.each(WRONG)("%s that can't be read is told of: %s", (_what, api, row, says) => {
  const message = refusal(row, api);
  expect(message).toMatch(/^BAD_FIELD_TYPE /);
  expect(message).toMatch(says);
});

test("a --param that can't be turned is told of as one", () => {
  const params = { tools: '[{"type":"web_search"}]' };
  const compile = () => compileRequest(requestSettings({ api: "messages", params }));
  expect(compile).toThrow(LlmBatchError);
  expect(compile).toThrow(/--param tools: tools\[0\].*web_search/);
});
