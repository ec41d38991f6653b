import fc from "fast-check";
import type OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { chatCompletion } from "../../../../src/output/formats/chat-completion.ts";
import { openaiLine } from "../../../../src/output/formats/openai.ts";
import type { ResultRow } from "../../../../src/ports/results.ts";
import { anyCharacter } from "../../../helpers/any-character.ts";
import { finishedRun, resultRow } from "../../../helpers/result-rows.ts";

const RUN = finishedRun();
const lineOf = (wanted: Partial<ResultRow>): string => openaiLine(resultRow(wanted), RUN);
const parsed = (wanted: Partial<ResultRow>) => JSON.parse(lineOf(wanted));

describe("a result as a line of OpenAI's batch output", () => {
  test("holds the reply byte for byte, on one line", () => {
    const raw = '{\n  "id": "chatcmpl-1",\r\n  "n": 12345678901234567890, "x": 1.0\n}';
    expect(lineOf({ id: 7, key: "q-1", raw, requestId: "req_9" })).toBe(
      '{"id":"batch_req_test0001_7","custom_id":"q-1","response":{"status_code":200,"request_id":"req_9",' +
        '"body":{   "id": "chatcmpl-1",   "n": 12345678901234567890, "x": 1.0 }},"error":null}',
    );
  });

  test("of a row that failed over HTTP holds the status and the error as they came", () => {
    const failed = { state: "failed", output: null, httpStatus: 400, requestId: null } as const;
    const error = { errorCode: "context_length_exceeded", errorMessage: "too long" };
    expect(parsed({ ...failed, ...error, raw: '{"error":{"code":"c","n":1}}' })).toMatchObject({
      response: { status_code: 400, request_id: null, body: { error: { code: "c", n: 1 } } },
      error: null,
    });
    expect(parsed({ ...failed, ...error, raw: "<html>\nBad Gateway" }).response.body).toEqual({
      error: { message: "too long", type: null, param: null, code: "context_length_exceeded" },
    });
  });

  test.each([
    ["a timeout", { errorCode: "timeout", errorMessage: "after 10m", httpStatus: null }, "request_timeout"],
    [
      "a refused answer",
      { errorCode: "schema_mismatch", errorMessage: "no", httpStatus: 200 },
      "schema_mismatch",
    ],
    ["a row never sent", { errorCode: "NOT_JSON", errorMessage: "no", httpStatus: null }, "NOT_JSON"],
  ])("of %s has no response but an error", (_, wanted, code) => {
    const line = parsed({ state: "failed", output: null, raw: '{"some":"body"}', ...wanted });
    expect(line).toMatchObject({ response: null, error: { code, message: wanted.errorMessage } });
  });

  test.each([
    ["cancelled", "batch_cancelled"],
    ["pending", "batch_expired"],
    ["running", "batch_expired"],
  ] as const)("of a %s row says so in OpenAI's words", (state, code) => {
    const line = parsed({ state, output: null, httpStatus: null });
    expect(line).toMatchObject({ response: null, error: { code } });
  });

  test("names further answers of a row apart", () => {
    expect(parsed({ key: "q", sample: 1 }).custom_id).toBe("q");
    expect(parsed({ key: "q", sample: 2 }).custom_id).toBe("q#2");
  });

  test("makes a chat completion of an answer that came as Anthropic's message", () => {
    const raw = '{"id":"msg_1", "type": "message","content":[]}';
    const { body } = parsed({
      raw,
      output: '"Hi."',
      finishReason: "max_tokens",
      reasoningTokens: 1,
    }).response;
    expect(body).toMatchObject({
      object: "chat.completion",
      model: "m-2026",
      choices: [{ message: { role: "assistant", content: "Hi." }, finish_reason: "length" }],
      usage: { prompt_tokens: 10, completion_tokens: 3, total_tokens: 13 },
    });
  });

  test("ends by stop for a reason that it doesn't know", () => {
    const raw = '{"type":"message","content":[]}';
    const { body } = parsed({ raw, finishReason: "constructor" }).response;
    expect(body.choices[0].finish_reason).toBe("stop");
  });

  test("doesn't speak of tool calls where they stand in the text", () => {
    const calls = '[{"type":"tool_use","id":"t","name":"f","input":{}}]';
    const raw = `{"type":"message","content":${calls}}`;
    const { body } = parsed({ raw, output: calls, finishReason: "tool_use" }).response;
    expect(body.choices).toMatchObject([{ message: { content: calls }, finish_reason: "stop" }]);
  });

  test("keeps a reply in which a message is only a part, or is only spoken of", () => {
    const output = '{"object":"response","output":[{"type":"message"}]}';
    const spoken = JSON.stringify({ choices: [{ message: { content: '{"type":"message"}' } }] });
    for (const raw of [output, spoken]) expect(JSON.stringify(parsed({ raw }).response.body)).toBe(raw);
  });

  test("has the SDK's types where it is made from an answer", () => {
    const completion: OpenAI.ChatCompletion = chatCompletion(resultRow(), RUN);
    expect(completion.choices[0]!.message.content).toBe("Hi.");
  });

  test("is one line that gives back any body, id and error", () => {
    const text = fc.string({ unit: anyCharacter });
    fc.assert(
      fc.property(text, fc.jsonValue(), text, (key, body, message) => {
        const raw = JSON.stringify(body, null, 2);
        const succeeded = lineOf({ key, raw });
        expect(succeeded).not.toMatch(/[\r\n]/);
        expect(JSON.parse(succeeded)).toMatchObject({ custom_id: key });
        expect(JSON.parse(succeeded).response.body).toEqual(JSON.parse(raw));
        const failed = lineOf({
          key,
          state: "failed",
          httpStatus: null,
          errorCode: "x",
          errorMessage: message,
        });
        expect(JSON.parse(failed)).toMatchObject({ custom_id: key, error: { code: "x", message } });
      }),
      { numRuns: 100 },
    );
  });
});
