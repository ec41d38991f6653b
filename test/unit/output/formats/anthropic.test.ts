import type Anthropic from "@anthropic-ai/sdk";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anthropicLine, errorReply } from "../../../../src/output/formats/anthropic.ts";
import { message } from "../../../../src/output/formats/message.ts";
import type { ResultRow } from "../../../../src/ports/results.ts";
import { anyCharacter } from "../../../helpers/any-character.ts";
import { finishedRun, resultRow } from "../../../helpers/result-rows.ts";

const RUN = finishedRun();
const lineOf = (wanted: Partial<ResultRow>): string => anthropicLine(resultRow(wanted), RUN);
const resultOf = (wanted: Partial<ResultRow>) => JSON.parse(lineOf(wanted)).result;
const FAILED = { state: "failed", output: null, errorCode: "x", errorMessage: "no" } as const;
const ANOTHER = { run: "r_1", key: "q", sample: 1 };

describe("a result as a line of Anthropic's batch results", () => {
  test("holds the message byte for byte, on one line", () => {
    const raw = '{\n  "id": "msg_1", "type": "message", "n": 12345678901234567890\n}';
    expect(lineOf({ key: "q-1", raw })).toBe(
      '{"custom_id":"q-1","result":{"type":"succeeded",' +
        '"message":{   "id": "msg_1", "type": "message", "n": 12345678901234567890 }}}',
    );
  });

  test("holds an error reply as it came", () => {
    const raw = '{"type":"error","error":{"type":"api_error","message":"m"},"request_id":"r"}';
    expect(resultOf({ ...FAILED, httpStatus: 500, raw })).toEqual({
      type: "errored",
      error: JSON.parse(raw),
    });
  });

  test.each([
    [400, "invalid_request_error"],
    [413, "invalid_request_error"],
    [429, "rate_limit_error"],
    [500, "api_error"],
    [529, "overloaded_error"],
  ])("makes an error of an HTTP %i that came in another form", (httpStatus, type) => {
    expect(resultOf({ ...FAILED, httpStatus, raw: '{"error":{"message":"m"}}', requestId: "r" })).toEqual({
      type: "errored",
      error: { type: "error", error: { type, message: "x: no" }, request_id: "r" },
    });
  });

  test.each([
    ["a timeout", { errorCode: "timeout", httpStatus: null, attempts: 1 }, "timeout_error"],
    ["a refused answer", { errorCode: "not_json", httpStatus: 200, attempts: 1 }, "api_error"],
    [
      "a row that shares the fate of another",
      { httpStatus: 200, attempts: 0, answeredBy: ANOTHER },
      "api_error",
    ],
    ["a row never sent", { errorCode: "NOT_JSON", httpStatus: null, attempts: 0 }, "invalid_request_error"],
  ])("of %s is errored", (_, wanted, type) => {
    expect(resultOf({ ...FAILED, ...wanted }).error.error.type).toBe(type);
  });

  test.each([
    ["cancelled", "canceled"],
    ["pending", "expired"],
    ["running", "expired"],
  ] as const)("of a %s row is %s", (state, type) => {
    expect(resultOf({ state, output: null })).toEqual({ type });
  });

  test("names further answers of a row apart", () => {
    expect(JSON.parse(lineOf({ key: "q", sample: 3 })).custom_id).toBe("q#3");
  });

  test("makes a message of an answer that came as OpenAI's, with the cached input counted apart", () => {
    const raw = '{"object":"chat.completion"}';
    expect(resultOf({ raw, finishReason: "length" }).message).toMatchObject({
      type: "message",
      content: [{ type: "text", text: "Hi." }],
      stop_reason: "max_tokens",
      usage: { input_tokens: 8, cache_read_input_tokens: 2, output_tokens: 3 },
    });
    expect(resultOf({ raw, output: '[1.0,"x"]' }).message.content[0].text).toBe('[1.0,"x"]');
  });

  test("doesn't speak of tool calls where they stand in the text", () => {
    const calls = '[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]';
    const { message } = resultOf({ raw: "{}", output: calls, finishReason: "tool_calls" });
    expect(message).toMatchObject({ content: [{ text: calls }], stop_reason: "end_turn" });
    expect(resultOf({ raw: "{}", finishReason: "constructor" }).message.stop_reason).toBe("end_turn");
  });

  test("has the SDK's types where it is made from an answer or an error", () => {
    const line: Anthropic.Messages.MessageBatchIndividualResponse[] = [
      { custom_id: "q", result: { type: "succeeded", message: message(resultRow(), RUN) } },
      { custom_id: "q", result: { type: "errored", error: errorReply(resultRow(FAILED)) } },
    ];
    expect(line[0]!.result.type).toBe("succeeded");
  });

  test("is one line that gives back any message, id and error", () => {
    const text = fc.string({ unit: anyCharacter });
    fc.assert(
      fc.property(text, fc.jsonValue(), text, (key, content, said) => {
        const reply = JSON.parse(JSON.stringify({ type: "message", content }));
        const line = lineOf({ key, raw: JSON.stringify(reply, null, 2) });
        expect(line).not.toMatch(/[\r\n]/);
        expect(JSON.parse(line)).toEqual({ custom_id: key, result: { type: "succeeded", message: reply } });
        const { error } = resultOf({ ...FAILED, httpStatus: null, errorMessage: said });
        expect(error.error.message).toBe(`x: ${said}`);
      }),
      { numRuns: 100 },
    );
  });
});
