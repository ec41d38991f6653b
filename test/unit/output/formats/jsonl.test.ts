import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonLine as line } from "../../../../src/output/formats/jsonl.ts";
import type { ResultRow } from "../../../../src/ports/results.ts";
import { anyCharacter } from "../../../helpers/any-character.ts";
import { resultRow } from "../../../helpers/result-rows.ts";

const jsonLine = (row: ResultRow, includeRaw: boolean): string =>
  line(row, { withSample: false, includeRaw });

describe("a result as a JSON line", () => {
  test("has every field in its order", () => {
    expect(jsonLine(resultRow({ key: "q-1" }), false)).toBe(
      '{"id":"q-1","status":"succeeded","output":"Hi.","error":null,"model":"m-2026","provider":"sim",' +
        '"finish_reason":"stop","usage":{"input_tokens":10,"cached_input_tokens":2,"output_tokens":3,' +
        '"reasoning_tokens":0},"cost_usd":0.0001,"attempts":1,"latency_ms":812,"input":{"prompt":"Hello?"}}',
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
      provider: "sim",
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

  test("of several answers a row says which one it is", () => {
    const options = { withSample: true, includeRaw: false };
    expect(line(resultRow({ key: "q-1", sample: 3 }), options)).toMatch(/^\{"id":"q-1","sample":3,"status":/);
  });

  test("that took over another row's answer says whose", () => {
    const answeredBy = { run: "r_other001", key: 'q-"7', sample: 1 };
    const row = resultRow({ answeredBy, inputTokens: 0, outputTokens: 0, costUsd: 0 });
    expect(JSON.parse(jsonLine(row, false)).answered_by).toEqual({ run: "r_other001", id: 'q-"7' });
    const sampled = JSON.parse(line(row, { withSample: true, includeRaw: false }));
    expect(sampled.answered_by).toEqual({ run: "r_other001", id: 'q-"7', sample: 1 });
    expect(jsonLine(resultRow(), false)).not.toContain("answered_by");
  });

  test("gives back any figures, and any numbers to the byte", () => {
    const figure = fc.option(fc.nat({ max: 1_000_000_000 }), { nil: null });
    const number = fc.oneof(
      fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(String),
      fc.constantFrom("1.0", "-0", "1e400", "0.10", "1E+2"),
    );
    fc.assert(
      fc.property(
        figure,
        figure,
        fc.double({ min: 0, max: 1e9, noNaN: true }),
        number,
        (latency, reasoning, cost, n) => {
          const row = resultRow({
            latencyMs: latency,
            reasoningTokens: reasoning,
            costUsd: cost,
            output: `[${n}]`,
            row: `{"n":${n}}`,
          });
          const text = jsonLine(row, false);
          expect(JSON.parse(text)).toMatchObject({
            latency_ms: latency,
            usage: { reasoning_tokens: reasoning },
            cost_usd: cost,
          });
          expect(text).toContain(`"output":[${n}],`);
          expect(text.endsWith(`"input":{"n":${n}}}`)).toBe(true);
        },
      ),
    );
  });

  test("is one line of valid JSON for any texts", () => {
    const text = fc.string({ unit: anyCharacter });
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
