import { describe, expect, test } from "vitest";
import { classify } from "../../../../src/provider/classify/classify.ts";
import { TransportError } from "../../../../src/provider/http/reply.ts";
import { usageOf } from "../../../helpers/answer.ts";
import { CONTEXT, KEY, outcomeOf } from "./classified.ts";

function chat(message: unknown, finish_reason = "stop"): unknown {
  return {
    choices: [{ message, finish_reason }],
    usage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 },
  };
}

describe("a 200", () => {
  test("with an answer has succeeded", () => {
    const body = JSON.stringify(chat({ content: "yes" }));
    expect(outcomeOf(200, body)).toMatchObject({
      kind: "succeeded",
      code: "ok",
      message: "",
      raw: body,
      answer: { output: '"yes"' },
    });
  });

  test.each([
    ["", "empty_body"],
    [" \n", "empty_body"],
    ["<html>hello</html>", "not_json"],
    ['{"choices":[{"mess', "not_json"],
    ["data: {}\n\n", "not_json"],
    ["null", "no_answer"],
    ["[]", "no_answer"],
    ["7", "no_answer"],
    ["{}", "no_answer"],
    ['{"choices":[]}', "no_answer"],
    ['{"choices":{}}', "no_answer"],
    ['{"choices":[null]}', "no_answer"],
    ['{"choices":[{"text":"old"}]}', "no_answer"],
  ])("%s is malformed: %s", (body, code) => {
    expect(outcomeOf(200, body)).toMatchObject({ kind: "malformed", code, raw: body, answer: null });
  });

  test.each([
    ["<!doctype html><title>Sign in</title>", "the reply is a web page, check --base-url: Sign in"],
    [" <HTML lang=en><body>Hi", "the reply is a web page, check --base-url: Hi"],
    ["data: {}\n\n", "the reply is not JSON: data: {}"],
    [`no ${KEY}`, "the reply is not JSON: no [key]"],
    ["x".repeat(2_000), `the reply is not JSON: ${"x".repeat(200)}`],
  ])("that is no JSON is told with what it says: %s", (body, message) => {
    expect(outcomeOf(200, body)).toMatchObject({ code: "not_json", message });
  });

  test("that can't be unpacked is told so", () => {
    const headers = { "content-encoding": "gzip" };
    expect(outcomeOf(200, "\u001f\ufffd", { headers }).message).toContain("(content-encoding: gzip)");
    expect(outcomeOf(200, "unpacked", { headers }).message).toBe("the reply is not JSON: unpacked");
  });

  test("with an empty answer is malformed, and what it cost is kept", () => {
    const outcome = outcomeOf(200, chat({ content: null, reasoning_content: "hm" }, "length"));
    expect(outcome).toMatchObject({ kind: "malformed", code: "empty_answer" });
    expect(outcome.message).toBe("the answer is empty (finish reason: length): --max-tokens may be too low");
    expect(outcome.answer?.usage).toEqual(usageOf({ inputTokens: 5, outputTokens: 7 }));
  });

  test.each(["content_filter", "refusal"])("that was held back is rejected: %s", (reason) => {
    expect(outcomeOf(200, chat({ content: "" }, reason))).toMatchObject({ kind: "rejected", code: reason });
  });

  test.each(["constructor", "__proto__"])(
    "that is empty for a reason of any name is malformed: %s",
    (reason) => {
      const message = `the answer is empty (finish reason: ${reason})`;
      expect(outcomeOf(200, chat({ content: "" }, reason))).toMatchObject({ code: "empty_answer", message });
    },
  );

  test("that Gemini's filter held back, message and all, is rejected", () => {
    const choices = [{ index: 0, finish_reason: "content_filter: PROHIBITED_CONTENT" }];
    expect(outcomeOf(200, { choices })).toMatchObject({
      kind: "rejected",
      code: "content_filter",
      answer: { finishReason: "content_filter: PROHIBITED_CONTENT" },
    });
    expect(outcomeOf(200, { choices: [{ finish_reason: "stop" }] }).code).toBe("no_answer");
  });

  test("longer than is read is malformed", () => {
    expect(outcomeOf(200, '{"choices":', { cutOff: true })).toMatchObject({
      kind: "malformed",
      code: "body_too_large",
    });
  });

  test.each([
    [{ error: { code: "insufficient_quota" } }, "blocked"],
    [{ error: { code: 429, message: "slow down" } }, "throttled"],
    [{ error: { code: 503 } }, "overloaded"],
    [{ error: { type: "invalid_request_error", message: "no" } }, "rejected"],
    [{ error: { type: "server_error" } }, "transient"],
    [{ error: "something" }, "transient"],
    [{ choices: [{ error: { code: 502, message: "upstream" }, message: { content: "half" } }] }, "transient"],
  ])("with the error %o is %s", (body, kind) => {
    expect(outcomeOf(200, body).kind).toBe(kind);
  });

  test.each([null, "", false])("with `error` %o has none", (error) => {
    expect(outcomeOf(200, { ...(chat({ content: "yes" }) as object), error }).kind).toBe("succeeded");
  });
});

describe("a call without a whole reply", () => {
  test.each([
    ["connect", "connection_refused", "unreachable"],
    ["connect", "certificate", "unreachable"],
    ["connect", "timeout", "unreachable"],
    ["sent", "timeout", "interrupted"],
    ["sent", "connection_reset", "interrupted"],
    ["sent", "aborted", "aborted"],
    ["connect", "aborted", "aborted"],
  ] as const)("%s, %s is %s", (phase, code, kind) => {
    const outcome = classify(new TransportError(phase, code, "what happened"), CONTEXT);
    expect(outcome).toMatchObject({ kind, code, message: "what happened", httpStatus: null, raw: null });
  });
});

describe("the key", () => {
  test.each([401, 200])("is taken out of all of an error's outcome (%i)", (status) => {
    const outcome = outcomeOf(status, { error: { code: KEY, message: `bad key ${KEY}`, type: "x" } });
    expect(JSON.stringify(outcome)).not.toContain(KEY);
    expect(outcome.message).toContain("[key]");
  });

  test("is taken out of an answer that repeats it", () => {
    const outcome = outcomeOf(200, chat({ content: `my key is ${KEY}` }));
    expect(JSON.stringify(outcome)).not.toContain(KEY);
    expect(outcome.answer?.output).toBe('"my key is [key]"');
  });

  test("is taken out of the place a redirect leads to", () => {
    const outcome = outcomeOf(302, "", { headers: { location: `https://x.example/?key=${KEY}` } });
    expect(JSON.stringify(outcome)).not.toContain(KEY);
  });
});

test("the request id is found under its names", () => {
  for (const name of ["x-request-id", "request-id", "apim-request-id"]) {
    expect(outcomeOf(500, "", { headers: { [name]: "req_1" } }).requestId).toBe("req_1");
  }
  expect(outcomeOf(500, "").requestId).toBeNull();
});

test("a page of HTML becomes one readable line", () => {
  const page =
    "<html><head><style>a{}</style></head>\n<body><h1>502 Bad\u001b[31m Gateway</h1>\n<hr>nginx</body>";
  expect(outcomeOf(502, page).message).toBe("502 Bad Gateway nginx");
});
