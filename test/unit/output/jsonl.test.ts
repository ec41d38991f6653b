import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonLine } from "../../../src/output/jsonl.ts";
import { resultRow } from "../../helpers/result-rows.ts";

describe("a result as a JSON line", () => {
  test("has every field in its order", () => {
    expect(jsonLine(resultRow({ key: "q-1" }), false)).toBe(
      '{"id":"q-1","status":"succeeded","output":"Hi.","error":null,"model":"m-2026","finish_reason":"stop",' +
        '"usage":{"input_tokens":10,"cached_input_tokens":2,"output_tokens":3},"cost_usd":0.0001,"attempts":1,' +
        '"latency_ms":812,"input":{"prompt":"Hello?"}}',
    );
  });

  test("of a failed job has an error and no output", () => {
    const row = resultRow({
      state: "failed",
      output: null,
      errorCode: "context_length_exceeded",
      errorMessage: 'too "long"',
      httpStatus: 400,
      model: null,
      finishReason: null,
      inputTokens: null,
      cachedInputTokens: null,
      outputTokens: null,
      costUsd: null,
      latencyMs: null,
      attempts: 3,
    });
    expect(JSON.parse(jsonLine(row, false))).toEqual({
      id: "row-1",
      status: "failed",
      output: null,
      error: { code: "context_length_exceeded", message: 'too "long"', http_status: 400 },
      model: null,
      finish_reason: null,
      usage: null,
      cost_usd: null,
      attempts: 3,
      latency_ms: null,
      input: { prompt: "Hello?" },
    });
  });

  test.each([
    ["pending", "pending"],
    ["running", "pending"],
    ["cancelled", "cancelled"],
  ] as const)("of a job that is %s has the status %s", (state, status) => {
    expect(JSON.parse(jsonLine(resultRow({ state }), false)).status).toBe(status);
  });

  test("holds row and output byte for byte", () => {
    const row = '{"n":12345678901234567890, "2":1.0,"1":"\\u00e9\\ud800"}';
    const line = jsonLine(resultRow({ row, output: "[0.10,1e-7]" }), false);
    expect(line).toContain('"output":[0.10,1e-7],');
    expect(line.endsWith(`"input":${row}}`)).toBe(true);
  });

  test.each([
    ['{\n  "id": "x",\r\n  "n": 1.0\n}', '{   "id": "x",   "n": 1.0 }'],
    ["<html>\n</html>", '"<html>\\n</html>"'],
    ["", '""'],
    [null, "null"],
  ])("holds the response %j on one line where it is asked for", (raw, expected) => {
    expect(jsonLine(resultRow({ raw }), true)).toMatch(/"raw":/);
    expect(jsonLine(resultRow({ raw }), true).split('"raw":')[1]).toBe(`${expected}}`);
    expect(jsonLine(resultRow({ raw }), false)).not.toContain('"raw"');
  });

  test("is one line of valid JSON for any texts", () => {
    const text = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(text, text, text, text, (key, output, message, raw) => {
        const row = { key, output: JSON.stringify(output), errorCode: "x", errorMessage: message, raw };
        const line = jsonLine(resultRow(row), true);
        expect(line).not.toMatch(/[\n\r]/);
        expect(JSON.parse(line)).toMatchObject({ id: key, output, error: { message } });
      }),
      { numRuns: 500 },
    );
  });
});
