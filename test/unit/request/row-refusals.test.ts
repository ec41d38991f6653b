import { describe, expect, test } from "vitest";
import type { RequestSettings } from "../../../src/domain/request.ts";
import { compileRequest } from "../../../src/request/compile-request.ts";
import { RowError } from "../../../src/request/row-error.ts";
import { requestSettings } from "../../helpers/request-settings.ts";

function refusal(row: unknown, wanted: Partial<RequestSettings> = {}): { code: string; message: string } {
  try {
    compileRequest(requestSettings(wanted))(typeof row === "string" ? row : JSON.stringify(row), null);
  } catch (error) {
    if (error instanceof RowError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error("the row was let in");
}

describe("a row that can't be sent is refused", () => {
  test.each<[unknown, string, string, Partial<RequestSettings>?]>([
    ['{"prompt":"Hi",}', "BAD_JSON", 'not valid JSON at column 16: unexpected "}"'],
    ['{"prompt":"Hi"', "BAD_JSON", "not valid JSON at column 15: the text ends too early"],
    [["Hi"], "NOT_AN_OBJECT", "the row is an array, not an object"],
    ["null", "NOT_AN_OBJECT", "the row is null, not an object"],
    ["7", "NOT_AN_OBJECT", "the row is a number, not an object"],
    [{}, "MISSING_FIELD", 'no "prompt" or "messages"; the row has no fields'],
    [{ question: "?", id: 1 }, "MISSING_FIELD", 'no "prompt" or "messages"; the row has question, id'],
    [
      { object: "list", data: [{ prompt: "a" }, { prompt: "b" }] },
      "WRAPPED_ROWS",
      'no "prompt" or "messages", but the field "data" is a list of 2 that look like rows',
    ],
    [
      { items: [{ a: "b" }] },
      "WRAPPED_ROWS",
      'no field "a", but the field "items" is a list of 1 that look like rows',
      { promptField: "a" },
    ],
    [{ q: "?", docs: [{ id: 1 }] }, "MISSING_FIELD", 'no "prompt" or "messages"; the row has q, docs'],
    [{ prompt: " \n" }, "MISSING_FIELD", 'the field "prompt" is empty'],
    [{ prompt: 7 }, "BAD_FIELD_TYPE", 'the field "prompt" is a number, not a string'],
    [{ prompt: null }, "BAD_FIELD_TYPE", 'the field "prompt" is null, not a string'],
    [{ messages: "Hi" }, "BAD_FIELD_TYPE", 'the field "messages" is a string, not an array'],
    [{ messages: " " }, "MISSING_FIELD", 'the field "messages" is empty'],
    [{ messages: '{"role":"user"}' }, "BAD_FIELD_TYPE", 'the field "messages" is an object, not an array'],
    [
      { messages: `[{"role":"user","content":"${"long ".repeat(30)}",}]` },
      "BAD_JSON_FIELD",
      'the field "messages" is not valid JSON at character 180: unexpected "}", in …ng long long long long long ",}]',
    ],
    [
      { messages: [{ role: "user", content: "Hi" }], tools: "[{]" },
      "BAD_JSON_FIELD",
      'the field "tools" is not valid JSON at character 3: unexpected "]", in [{]',
    ],
    [{ messages: [] }, "MISSING_FIELD", 'the field "messages" is empty'],
    [{ messages: [{ role: "user" }, "Hi"] }, "BAD_FIELD_TYPE", 'messages[1] is not an object with a "role"'],
    [{ prompt: "a", messages: [] }, "AMBIGUOUS_ROW", 'the row has both "prompt" and "messages"'],
    [{ a: 1 }, "MISSING_FIELD", 'no field "b"; the row has a', { promptField: "b" }],
    [{ a: "" }, "MISSING_FIELD", "the template gives an empty prompt for this row", { template: " {{a}} " }],
    [
      { prompt: "Hi" },
      "UNKNOWN_FIELD",
      'the template names the field "x", the row has prompt',
      { system: "{{x}}" },
    ],
    [{ prompt: "Hi" }, "MISSING_MODEL", "neither the row nor the run names a model", { model: null }],
    [{ prompt: "Hi", model: 4 }, "BAD_FIELD_TYPE", 'the field "model" is 4, not a string'],
    [
      { prompt: "Hi", temperature: "hot" },
      "BAD_FIELD_TYPE",
      'the field "temperature" is "hot", not a number',
    ],
    [
      { prompt: "Hi", max_tokens: 0 },
      "BAD_FIELD_TYPE",
      'the field "max_tokens" is 0, not a whole number above 0',
    ],
    [
      { messages: [{ role: "user", content: "Hi" }], tools: "spanner" },
      "BAD_FIELD_TYPE",
      'the field "tools" is "spanner", not an array',
    ],
    [{ prompt: "Hi", max_tokens: [] }, "BAD_FIELD_TYPE", 'the field "max_tokens" is an array, not a number'],
    [
      { custom_id: "a", method: "POST", url: "/v1/chat/completions", body: {} },
      "BAD_BATCH_LINE",
      'a chat completion needs "messages", and the body has no fields',
    ],
    [
      { custom_id: "a", params: {} },
      "BAD_BATCH_LINE",
      'a message needs "messages", and the params has no fields',
    ],
  ])("%j: %s", (row, code, message, wanted) => {
    expect(refusal(row, wanted)).toEqual({ code, message });
  });
});
