import { expect, test } from "vitest";
import { promptText } from "../../../src/report/prompt-text.ts";

const textOf = (messages: object[]) => promptText(JSON.stringify({ messages }));

test("messages are shown with who says them, and pictures as they are", () => {
  const picture = { type: "image_url", image_url: { url: "https://example.com/a.png" } };
  const messages = [
    { role: "system", content: "Be brief." },
    { role: "user", content: [{ type: "text", text: "What is it?" }, picture] },
  ];
  expect(textOf(messages)).toBe(`system: Be brief.\n\nWhat is it?\n${JSON.stringify(picture)}`);
});

test("calls of tools are shown, though nothing is said", () => {
  const asked = { role: "assistant", content: null, tool_calls: [{ id: "c1" }] };
  const result = { type: "function_call_output", call_id: "c1", output: "21" };
  expect(textOf([asked, result])).toBe(`${JSON.stringify(asked)}\n\n${JSON.stringify(result)}`);
});
