import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Api, RequestSettings } from "../../../src/domain/request.ts";
import { BODIES } from "../../../src/request/bodies/bodies.ts";
import { type BuiltRequest, compileRequest } from "../../../src/request/compile-request.ts";
import { anyCharacter } from "../../helpers/any-character.ts";
import { requestSettings } from "../../helpers/request-settings.ts";

const build = (
  row: unknown,
  wanted: Partial<RequestSettings> = {},
  model: string | null = null,
): BuiltRequest =>
  compileRequest(requestSettings(wanted))(typeof row === "string" ? row : JSON.stringify(row), model);

const APIS = Object.keys(BODIES) as Api[];

const bodyOf = (row: unknown, wanted: Partial<RequestSettings> = {}) => JSON.parse(build(row, wanted).body);

describe("the body of a request", () => {
  test("holds a user message made of the prompt, and nothing else of the row", () => {
    expect(bodyOf({ id: "a", prompt: "Hi", topic: "x" })).toEqual({
      model: "m",
      messages: [{ role: "user", content: "Hi" }],
    });
  });

  test("holds the row's messages byte for byte", () => {
    const messages =
      '[ {"role":"user", "b":12345678901234567890, "content":"\\u00e9\\ud800", "2":1.0, "1":0} ]';
    expect(build(`{"messages":${messages}}`).body).toBe(`{"model":"m","messages":${messages}}`);
  });

  test("holds messages of a text that is JSON, as they stand in it", () => {
    const messages = '[{"role":"user", "b":12345678901234567890, "content":" \\u00e9"}]';
    const { body } = build({ messages: `\n${messages}` });
    expect(body).toBe(
      '{"model":"m","messages":[{"role":"user","b":12345678901234567890,"content":" \\u00e9"}]}',
    );
  });

  test("counts a picture in such messages as a picture", () => {
    const url = `data:image/png;base64,${"A".repeat(40_000)}`;
    const messages = [{ role: "user", content: [{ type: "image_url", image_url: { url } }] }];
    expect(build({ messages: JSON.stringify(messages) }).charge).toEqual(build({ messages }).charge);
  });

  test("takes the prompt from --prompt-field", () => {
    expect(bodyOf({ question: "Why?" }, { promptField: "question" }).messages[0].content).toBe("Why?");
  });

  test("makes the prompt of a template, whatever form the row has", () => {
    const row = { city: "Rome", messages: "none", prompt: 1 };
    expect(bodyOf(row, { template: "Where is {{city}}?" }).messages).toEqual([
      { role: "user", content: "Where is Rome?" },
    ]);
  });

  test("begins with the system message, which may be a template too", () => {
    const { messages } = bodyOf({ prompt: "Hi", tone: "kind" }, { system: "Be {{tone}}." });
    expect(messages).toEqual([
      { role: "system", content: "Be kind." },
      { role: "user", content: "Hi" },
    ]);
  });

  test.each(["system", "developer"])("leaves a row's own %s message in its place", (role) => {
    const messages = [
      { role, content: "mine" },
      { role: "user", content: "Hi" },
    ];
    expect(bodyOf({ messages }, { system: "ours" }).messages).toEqual(messages);
  });

  test("has a system message although the row, used as data, begins with one of its own", () => {
    const row = { q: "Hi", messages: [{ role: "system", content: "mine" }] };
    expect(bodyOf(row, { system: "ours", promptField: "q" }).messages[0].content).toBe("ours");
  });

  test("carries the run's settings and parameters", () => {
    const wanted = {
      temperature: 0.5,
      maxTokens: 7,
      params: { top_p: "0.90", seed: "12345678901234567890" },
    };
    expect(build({ prompt: "Hi" }, wanted).body).toBe(
      '{"model":"m","messages":[{"role":"user","content":"Hi"}],"temperature":0.5,"max_tokens":7,' +
        '"top_p":0.90,"seed":12345678901234567890}',
    );
  });

  test("prefers what the row says", () => {
    const wanted = { temperature: 0.5, maxTokens: 7, params: { max_tokens: "9" } };
    const { body, rowModel } = build(
      '{"prompt":"Hi","model":"own","temperature":0.70,"max_tokens":3}',
      wanted,
    );
    expect(body).toContain('"temperature":0.70,"max_tokens":3}');
    expect(JSON.parse(body).model).toBe("own");
    expect(rowModel).toBe("own");
  });

  test("takes the tools that a row has beside its messages, as they stand", () => {
    const messages = [{ role: "user", content: "Hi" }];
    const tools = [{ type: "function", function: { name: "own" } }];
    const params = { tools: '[{"type":"function","function":{"name":"ours"}}]', tool_choice: '"auto"' };
    const fields = (row: object) => {
      const { tools, tool_choice } = bodyOf({ messages, ...row }, { params });
      return [tools[0].function.name, tool_choice];
    };
    expect(fields({ tools, tool_choice: "required" })).toEqual(["own", "required"]);
    expect(fields({ tools })).toEqual(["own", "auto"]);
    expect(fields({ tools: [], tool_choice: "required" })).toEqual(["ours", "auto"]);
    expect(fields({ tools: null, tool_choice: null })).toEqual(["ours", "auto"]);
    expect(bodyOf({ prompt: "Hi", tools: "spanner" }).tools).toBeUndefined();
    expect(bodyOf({ messages, tools, q: "Hi" }, { promptField: "q" }).tools).toBeUndefined();
  });

  test.each(["https://api.openai.com/v1", "https://eu.api.openai.com/v1"])(
    "calls the most tokens what all of OpenAI's models know: %s",
    (baseUrl) => {
      const { body, charge } = build({ prompt: "Hi" }, { baseUrl, maxTokens: 7 });
      expect(body).toContain('"max_completion_tokens":7}');
      expect(body).not.toContain("max_tokens");
      expect(charge.outputTokens).toBe(7);
      const row = { prompt: "Hi", max_tokens: 3 };
      expect(build(row, { baseUrl, maxTokens: 7 }).body).toContain('"max_completion_tokens":3}');
      expect(bodyOf({ prompt: "Hi" }, { baseUrl, api: "responses", maxTokens: 7 }).max_output_tokens).toBe(7);
    },
  );

  test("calls them so behind a gateway too where OpenAI is named, and not by an address alone", () => {
    const gateway = { provider: "openai", baseUrl: "https://gateway.example.org/v1", maxTokens: 7 };
    expect(bodyOf({ prompt: "Hi" }, { ...gateway, isNamed: true }).max_completion_tokens).toBe(7);
    expect(bodyOf({ prompt: "Hi" }, { ...gateway, isNamed: false }).max_tokens).toBe(7);
    expect(bodyOf({ prompt: "Hi" }, { ...gateway, provider: "vllm", isNamed: true }).max_tokens).toBe(7);
  });

  test("calls them what every server knows where others serve the same API", () => {
    for (const baseUrl of ["https://api.openai.com.example.org/v1", "http://127.0.0.1:8000/v1", "sim:"]) {
      expect(bodyOf({ prompt: "Hi" }, { baseUrl, maxTokens: 7 }).max_tokens).toBe(7);
    }
  });

  test("takes numbers of a CSV, which are strings, and lets empty cells say nothing", () => {
    const row = { prompt: "Hi", temperature: "0.2", max_tokens: "", model: "" };
    expect(build(row, { maxTokens: 7 }).body).toContain('"temperature":0.2');
    expect(bodyOf(row, { maxTokens: 7 })).toMatchObject({ model: "m", temperature: 0.2, max_tokens: 7 });
    expect(build(row).rowModel).toBeNull();
  });

  test("writes a whole number of tokens as one, whatever it stands as", () => {
    expect(build({ prompt: "Hi", max_tokens: "100.0" }).body).toContain('"max_tokens":100}');
    expect(build('{"prompt":"Hi","max_tokens":1e2}').body).toContain('"max_tokens":100}');
  });

  test("takes a field that a template shows for data, not for a setting", () => {
    const row = { model: "Civic", temperature: "hot" };
    const { body, rowModel } = build(row, { template: "A {{model}} in {{temperature}} weather" });
    expect(JSON.parse(body)).toEqual({
      model: "m",
      messages: [{ role: "user", content: "A Civic in hot weather" }],
    });
    expect(rowModel).toBeNull();
  });

  test("goes to the model it is asked for before any other", () => {
    expect(JSON.parse(build({ prompt: "Hi", model: "own" }, {}, "asked").body).model).toBe("asked");
  });

  test("is valid JSON that holds the prompt, for any prompt", () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), fc.string({ unit: anyCharacter }), (prompt, system) => {
        fc.pre(prompt.trim() !== "" && !system.includes("{{"));
        expect(
          bodyOf({ prompt }, { system }).messages.map(({ content }: { content: string }) => content),
        ).toEqual([system, prompt]);
      }),
      { numRuns: 500 },
    );
  });
});

describe("the charge", () => {
  test("counts a token for four bytes of UTF-8, and the answer at its most", () => {
    const { body, charge } = build({ prompt: "日本語のプロンプト" }, { maxTokens: 50 });
    expect(charge).toEqual({ inputTokens: Math.ceil(Buffer.byteLength(body) / 4), outputTokens: 50 });
  });

  test.each(APIS)("counts what stands around the prompt anew where it changes from row to row: %s", (api) => {
    const system = BODIES[api].takesSystem ? { system: "Answer in {{language}}." } : {};
    const builder = compileRequest(requestSettings({ api, ...system }));
    const languages = ["en", "en", "日本語", "en"];
    const models = [null, "m-2", "m-2", "a-much-longer-name", null];
    for (const language of languages) {
      for (const model of models) {
        const row = { prompt: `${language}: Hi "ü"`, language, ...(model && { model }) };
        const { body, charge } = builder(JSON.stringify(row), null);
        expect(charge.inputTokens).toBe(Math.ceil(Buffer.byteLength(body) / 4));
      }
    }
  });

  test("knows max_completion_tokens, and expects no output where nothing bounds it", () => {
    expect(build({ prompt: "Hi" }, { params: { max_completion_tokens: "80" } }).charge.outputTokens).toBe(80);
    expect(build({ prompt: "Hi" }).charge.outputTokens).toBe(0);
  });

  test("counts each of the answers that one call is asked for at its most", () => {
    const most = (row: object, wanted: Partial<RequestSettings> = {}) =>
      build(row, wanted).charge.outputTokens;
    const line = (url: string, body: object) => ({ custom_id: "a", url, body });
    expect(most({ prompt: "Hi" }, { maxTokens: 50, params: { n: "3" } })).toBe(150);
    expect(most({ prompt: "Hi" }, { params: { n: "3" } })).toBe(0);
    const messages = [{ role: "user", content: "Hi" }];
    expect(most(line("/v1/chat/completions", { messages, max_tokens: 50, n: 2 }))).toBe(100);
    expect(most(line("/v1/chat/completions", { messages, max_tokens: 50, n: null }))).toBe(50);
    const completions = { prompt: ["a", "b"], max_tokens: 50 };
    expect(most(line("/v1/completions", completions))).toBe(100);
    expect(most(line("/v1/completions", { ...completions, n: 2, best_of: 4 }))).toBe(400);
    expect(most(line("/v1/completions", { ...completions, prompt: [1212, 318] }))).toBe(50);
    expect(most(line("/v1/completions", { ...completions, prompt: [[1212], [318]] }))).toBe(100);
  });
});

describe("settings that can't work are refused before any row", () => {
  test.each([
    [{ params: { messages: "[]" } }, "BAD_PARAM", "--template"],
    [{ params: { model: '"x"' } }, "BAD_PARAM", "--model"],
    [{ params: { stream: "true" } }, "BAD_PARAM", "whole"],
    [{ params: { stop: "END" } }, "BAD_PARAM", `'stop="text"'`],
    [{ template: "{{" }, "BAD_TEMPLATE", "{{field}}"],
    [{ system: "{{" }, "BAD_TEMPLATE", "{{field}}"],
  ])("%j: %s", (wanted, code, hint) => {
    const expected = expect.objectContaining({ code, hint: expect.stringContaining(hint) });
    expect(() => compileRequest(requestSettings(wanted))).toThrow(expected);
  });
});
