import { expect, test } from "vitest";
import { ASKED, bodyOf, call, image, messagesOf, URL, user } from "../../helpers/conversations.ts";

const result = (content: unknown) => ({ role: "tool", tool_call_id: "c1", content });

test.each(["system", "developer"])("a %s prompt of two messages is one", (role) => {
  const messages = [
    { role, content: "a" },
    { role: "system", content: "b" },
    { role: "user", content: "q" },
  ];
  expect(bodyOf({ messages }, "messages")).toMatchObject({
    system: [
      { type: "text", text: "a" },
      { type: "text", text: "b" },
    ],
    messages: [{ role: "user", content: "q" }],
  });
});

test("ids that Anthropic refuses are written in its signs, each in its own way", () => {
  const asked = (id: string) => ({ id, type: "function", function: { name: "f", arguments: "{}" } });
  const ids = ["functions.f:0", "functions:f.0", "call_1-A"];
  const results = ids.map((id) => ({ role: "tool", tool_call_id: id, content: "1" }));
  const [calls, answers] = messagesOf(
    [{ role: "assistant", content: null, tool_calls: ids.map(asked) }, ...results],
    "messages",
  );
  const written = calls.content.map(({ id }: { id: string }) => id);
  expect(written).toEqual(["functions_2e_f_3a_0", "functions_3a_f_2e_0", "call_1-A"]);
  expect(answers.content.map(({ tool_use_id }: { tool_use_id: string }) => tool_use_id)).toEqual(written);
});

test("blank texts beside calls and in results, which Anthropic refuses, are left out", () => {
  const texts = [
    { type: "text", text: "" },
    { type: "text", text: "x" },
  ];
  const [asking, answered] = messagesOf([{ ...ASKED, content: "\n\n" }, result(texts)], "messages");
  expect(asking.content).toEqual([{ type: "tool_use", id: "c1", name: "f", input: {} }]);
  expect(answered.content[0].content).toBe("x");
  const silent = [{ role: "user", content: "" }, user({ type: "text", text: " " }), ASKED];
  expect(messagesOf(silent, "messages")[0]).toEqual({ role: "user", content: "" });
});

test("results come before what else is said to the model", () => {
  const items = [
    { type: "function_call", call_id: "a", name: "f", arguments: "{}" },
    { role: "user", content: "x" },
    { type: "function_call_output", call_id: "a", output: "1" },
  ];
  expect(messagesOf(items, "messages")[1]).toEqual(
    user({ type: "tool_result", tool_use_id: "a", content: "1" }, { type: "text", text: "x" }),
  );
});

test("a function without parameters is told of as one that takes an empty object", () => {
  const tools = [{ type: "function", function: { name: "f", parameters: {} } }];
  const body = bodyOf(
    { messages: [user(image(URL)), { ...ASKED, tool_calls: [call("")] }], tools },
    "messages",
  );
  expect(body.tools).toEqual([{ name: "f", input_schema: { type: "object", properties: {} } }]);
});
