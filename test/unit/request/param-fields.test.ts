import { describe, expect, test } from "vitest";
import type { RequestSettings } from "../../../src/domain/request.ts";
import { compileRequest } from "../../../src/request/compile-request.ts";
import { requestSettings } from "../../helpers/request-settings.ts";

const build = (row: object | string, paramFields: readonly string[], wanted: Partial<RequestSettings> = {}) =>
  compileRequest(requestSettings({ ...wanted, paramFields }))(
    typeof row === "string" ? row : JSON.stringify(row),
    null,
  );

const bodyOf = (...args: Parameters<typeof build>) => JSON.parse(build(...args).body);

describe("--param-fields", () => {
  test("sends the row's own fields before the run's --param, to the byte, and no others", () => {
    const params = { seed: "1", top_p: "0.5" };
    const row = '{"prompt":"Hi","seed":12345678901234567890,"user":"u"}';
    const { body } = build(row, ["seed", "top_p"], { params });
    expect(body).toContain('"seed":12345678901234567890');
    expect(JSON.parse(body)).toMatchObject({ top_p: 0.5 });
    expect(body).not.toContain('"u"');
  });

  test.each([
    ["top_p", "0.9", 0.9],
    ["seed", "7.0", 7],
    ["parallel_tool_calls", "False", false],
    ["reasoning_effort", "low", "low"],
    ["response_format", '{"type": "json_object"}', { type: "json_object" }],
    ["stop", '["a", "b"]', ["a", "b"]],
    ["stop", "5", "5"],
    ["stop", "[", "["],
    ["user", "true", "true"],
  ])("takes what a table has of %s, %j, for %j", (name, text, value) => {
    expect(bodyOf({ prompt: "Hi", [name]: text }, [name])[name]).toEqual(value);
  });

  test.each([
    ["stop", "[END"],
    ["guided_regex", "[a-z]{3}"],
    ["chat_template", "{% for m in messages %}"],
  ])("sends a %s that only looks like JSON as the text it is", (name, text) => {
    expect(bodyOf({ prompt: "Hi", [name]: text }, [name])[name]).toBe(text);
  });

  test.each([
    ["tools", '[{"type": "function"]', 'at character 21: unexpected "]", in [{"type": "function"]'],
    ["metadata", " {\n'a': 1}", `at character 4: unexpected "'", in { 'a': 1}`],
    ["logit_bias", '{"50256": -100', 'at character 15: the text ends too early, in {"50256": -100'],
  ])("refuses %s that is broken JSON", (name, text, says) => {
    const message = `the field "${name}" is not valid JSON ${says}`;
    expect(() => build({ prompt: "Hi", [name]: text }, [name])).toThrow(
      expect.objectContaining({ code: "BAD_JSON_FIELD", message }),
    );
  });

  test.each(["", null])("lets an empty cell (%j) say nothing", (value) => {
    expect(bodyOf({ prompt: "Hi", top_p: value }, ["top_p"], { params: { top_p: "0.5" } }).top_p).toBe(0.5);
  });

  test("leaves the numbers that are sent anyway under the API's names for them", () => {
    const row = { prompt: "Hi", temperature: "1", max_tokens: "5" };
    const body = bodyOf(row, ["temperature", "max_tokens"], { api: "responses" });
    expect(body).toEqual({ model: "m", input: "Hi", temperature: 1, max_output_tokens: 5 });
  });

  test("sends a field that the template shows, too", () => {
    const row = { city: "Rome", temperature: 0.3 };
    const template = "At {{temperature}} in {{city}}?";
    expect(bodyOf(row, [], { template }).temperature).toBeUndefined();
    expect(bodyOf(row, ["temperature"], { template }).temperature).toBe(0.3);
  });

  test("counts in what a call may be charged", () => {
    const row = { prompt: "Hi", max_completion_tokens: 80, n: 2 };
    expect(build(row, ["max_completion_tokens", "n"]).charge.outputTokens).toBe(160);
  });

  test("puts tools into the form of the API", () => {
    const tools = [{ type: "function", function: { name: "f", parameters: { type: "object" } } }];
    const body = bodyOf({ prompt: "Hi", tools }, ["tools"], { api: "messages" });
    expect(body.tools).toEqual([{ name: "f", input_schema: { type: "object" } }]);
  });

  test.each(["model", "stream", "messages"])("can't send %s", (name) => {
    expect(() => build({ prompt: "Hi" }, [name])).toThrow(
      expect.objectContaining({ code: "BAD_PARAM", message: `--param-fields can't send ${name}` }),
    );
  });
});
