import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Api } from "../../../src/domain/request.ts";
import { RowError } from "../../../src/request/row-error.ts";
import { build, image, messagesOf, URL } from "../../helpers/conversations.ts";

/** Members and types that the readers look for, with values that they may not expect. */
const words = fc.constantFrom(
  ...[
    "text",
    "image_url",
    "image",
    "input_image",
    "input_text",
    "output_text",
    "file",
    "input_file",
    "document",
  ],
  ...[
    "tool_use",
    "tool_result",
    "refusal",
    "function_call",
    "function_call_output",
    "message",
    "function",
    "auto",
  ],
  ...[
    "url",
    "base64",
    "source",
    "detail",
    "content",
    "role",
    "type",
    "tool_calls",
    "call_id",
    "id",
    "name",
    "input",
  ],
  ...[
    "user",
    "assistant",
    "system",
    "developer",
    "tool",
    "https://example.com",
    "data:image/png;base64,AA",
    "{}",
    "",
  ],
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    words,
    fc.jsonValue({ maxDepth: 1 }),
    tie("list"),
    tie("object"),
  ),
  list: fc.array(tie("tree"), { maxLength: 3 }),
  object: fc.dictionary(words, tie("tree"), { maxKeys: 5 }),
}));
const part = fc.record(
  { type: words, text: words, image_url: tree, source: tree, file: tree, content: tree },
  { requiredKeys: ["type"] },
);
const message = fc.record(
  {
    role: words,
    type: words,
    content: fc.oneof(words, fc.array(part, { maxLength: 3 }), tree),
    tool_calls: tree,
    call_id: words,
    arguments: words,
    name: words,
  },
  { requiredKeys: [] },
);

test("whatever messages and tools hold, a request is JSON with all of them, or the row is refused", () => {
  const rows = fc.record(
    { messages: fc.array(message, { minLength: 1, maxLength: 4 }), tools: fc.array(tree), tool_choice: tree },
    { requiredKeys: ["messages"] },
  );
  fc.assert(
    fc.property(rows, fc.constantFrom<Api>("chat", "messages", "responses"), (row, api) => {
      try {
        JSON.parse(build(row, { api }).body);
      } catch (error) {
        if (!(error instanceof RowError)) throw error;
      }
    }),
    { numRuns: 2_000 },
  );
});

describe("a conversation of chat completions comes back as it was", () => {
  // Anthropic takes no blank texts, and is sent none where others say something.
  const text = fc.string({ minLength: 1 }).map((value) => (value.trim() === "" ? `${value}.` : value));
  const asText = text.map((value) => ({ type: "text", text: value }));
  const picture = fc.constantFrom(URL, "data:image/png;base64,AAAA").map((url) => image({ url }));
  const parts = fc.tuple(asText, fc.array(fc.oneof(asText, picture), { minLength: 1, maxLength: 3 }));
  const asked = fc.oneof(
    text,
    parts.map(([first, others]) => [first, ...others]),
  );
  const inputs = fc.dictionary(text, fc.jsonValue()).map((value) => JSON.stringify(value));
  const exchange = fc.record({
    asked,
    said: fc.option(text),
    inputs: fc.array(inputs, { maxLength: 3 }),
    answer: text,
  });
  const conversations = fc.array(exchange, { minLength: 1, maxLength: 4 }).map((exchanges) =>
    exchanges.flatMap(({ asked: content, said, inputs: given, answer }, at) => {
      const calls = given.map((args, index) => ({
        id: `c${at}-${index}`,
        type: "function",
        function: { name: "f", arguments: args },
      }));
      const results = calls.map(({ id }) => ({ role: "tool", tool_call_id: id, content: answer }));
      const asking = { role: "assistant", content: said, tool_calls: calls };
      const turns = calls.length === 0 ? [] : [asking, ...results];
      return [{ role: "user", content }, ...turns, { role: "assistant", content: answer }];
    }),
  );

  test.each<Api>(["messages", "responses"])("from %s", (api) => {
    fc.assert(
      fc.property(conversations, (messages) => {
        expect(messagesOf(messagesOf(messages, api), "chat")).toEqual(messages);
      }),
    );
  });
});
