import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LlmBatchError } from "../../../src/domain/errors.ts";
import type { Usage } from "../../../src/domain/usage.ts";
import { compilePriceFile } from "../../../src/money/price-file.ts";

const USAGE: Usage = {
  inputTokens: 1_000,
  cachedInputTokens: 300,
  cacheWriteTokens: 200,
  longCacheWriteTokens: 0,
  outputTokens: 100,
  reasoningTokens: 0,
};

function find(text: string, model: string, provider: string | null = null, tier: string | null = null) {
  return compilePriceFile(text, "prices.yaml").find({ provider, model, tier });
}

function refusal(text: string): Pick<LlmBatchError, "code" | "message" | "hint" | "exitCode"> {
  try {
    compilePriceFile(text, "prices.yaml");
  } catch (error) {
    return error as LlmBatchError;
  }
  throw new Error("the file was taken");
}

describe("a price file", () => {
  test("prices input, cache, output and the request itself", () => {
    const price = find(
      `
- model: mine
  input: 2
  cached_input: 0.5
  cache_write: 3
  output: 10
  request: 0.001
`,
      "mine",
    );
    expect(price?.cost(USAGE)).toBe(500 * 2_000 + 300 * 500 + 200 * 3_000 + 100 * 10_000 + 1_000_000);
  });

  test("takes cached and written input to cost as much as any where it says nothing of them", () => {
    expect(find("- {model: mine, input: 2, output: 0}", "mine")?.cost(USAGE)).toBe(2_000_000);
  });

  test("is read as JSON too", () => {
    expect(find('[{"model": "mine", "input": 2, "output": 10}]', "mine")?.cost(USAGE)).toBe(3_000_000);
  });

  test("takes 0 for free, since the user says so", () => {
    expect(
      find("- {model: llama*, provider: ollama, input: 0, output: 0}", "llama3.3", "ollama")?.cost(USAGE),
    ).toBe(0);
  });

  test.each([
    ["mine", "mine", true],
    ["mine", "Mine", true],
    ["mine", "mine-2", false],
    ["mi*", "mine-2", true],
    ["*/mine", "acme/mine", true],
    ["*", "anything", true],
    ["m.ne", "mine", false],
    ["a*c*e", "abcde", true],
  ])("an entry for %s fits %s: %s", (pattern, model, fits) => {
    expect(find(`- {model: "${pattern}", input: 1, output: 1}`, model) !== undefined).toBe(fits);
  });

  test("a long model is held against several stars in one go", () => {
    const entry = '- {model: "*gpt*mini*", input: 1, output: 1}';
    expect(find(entry, "gpt".repeat(200_000))).toBeUndefined();
    expect(find(entry, `${"gpt".repeat(200_000)}-mini`)).toBeDefined();
  });

  test("an entry for a provider fits no other", () => {
    const text = "- {model: mine, provider: groq, input: 1, output: 1}";
    expect(find(text, "mine", "groq")).toBeDefined();
    expect(find(text, "mine", "openai")).toBeUndefined();
    expect(find(text, "mine", null)).toBeUndefined();
  });

  test("the first entry that fits is taken", () => {
    const text = "- {model: mine, input: 1, output: 0}\n- {model: m*, input: 5, output: 0}";
    expect(find(text, "mine")?.cost(USAGE)).toBe(1_000_000);
    expect(find(text, "more")?.cost(USAGE)).toBe(5_000_000);
  });

  test("tiers have prices of their own, and others have none", () => {
    const text = "- {model: mine, input: 2, output: 10, tiers: {flex: {input: 1, output: 5}}}";
    expect(find(text, "mine", null, "flex")?.cost(USAGE)).toBe(1_500_000);
    expect(find(text, "mine", null, "default")?.cost(USAGE)).toBe(3_000_000);
    expect(find(text, "mine", null, "priority")).toBeNull();
  });

  test("entries may share values by YAML's anchors", () => {
    const text =
      "- &base {model: a, input: 1, output: 1}\n- {model: b, input: 2, output: 2, tiers: {flex: &f {input: 1, output: 1}, batch: *f}}";
    expect(find(text, "b", null, "batch")?.cost(USAGE)).toBe(1_100_000);
  });
});

describe("a price file with a mistake is refused, naming the line", () => {
  test.each([
    ["prices: 1", "prices.yaml:1: expected a list of entries"],
    ["", "prices.yaml:1: expected a list of entries"],
    ["- 5", "prices.yaml:1: expected a map, got 5"],
    ["- {input: 1, output: 1}", "prices.yaml:1: model: is missing"],
    ["- {model: 5, input: 1, output: 1}", "prices.yaml:1: model: expected a name, got 5"],
    ["- model: a\n  input: 1", "prices.yaml:1: output: is missing; write 0 where it costs nothing"],
    ["- model: a\n  input: 1\n  output: $8", 'prices.yaml:3: output: expected USD, 0 or more, got "$8"'],
    ["- model: a\n  output: 1\n  input: -2", "prices.yaml:3: input: expected USD, 0 or more, got -2"],
    ["- {model: a, input: .nan, output: 1}", "prices.yaml:1: input: expected USD, 0 or more, got null"],
    ["- model: a\n  input: 1\n  ouput: 1", 'prices.yaml:3: ouput: unknown, did you mean "output"?'],
    [
      "- model: a\n  input: 1\n  output: 1\n  tiers:\n    flex: {input: 1}",
      "prices.yaml:5: tiers.flex.output: is missing; write 0 where it costs nothing",
    ],
    [
      "- {model: a, input: 1, output: 1, tiers: {default: {input: 1, output: 1}}}",
      "prices.yaml:1: tiers.default: is the tier that the entry itself is for",
    ],
    ["- model: a\n  model: b", "prices.yaml:2: Map keys must be unique"],
    [
      "- [a",
      "prices.yaml:1: Flow sequence in block collection must be sufficiently indented and end with a ]",
    ],
    ["- *none", "prices.yaml:1: Unresolved alias (the anchor must be set before the alias): none"],
  ])("%j", (text, message) => {
    expect(refusal(text)).toMatchObject({
      code: "BAD_PRICE_FILE",
      message,
      exitCode: 2,
      hint: expect.stringContaining("USD per million tokens"),
    });
  });
});

test("whatever stands in a price file, it is taken or refused as a price file", () => {
  const scraps = [
    "- ",
    "model",
    "input",
    "output",
    "tiers",
    "__proto__",
    ": ",
    "{",
    "}",
    "[",
    "]",
    "*a",
    "&a ",
    "1",
    "1e999",
  ];
  const text = fc.array(fc.oneof(fc.constantFrom(...scraps, "\n", "  ", '"', "!!int ", "? "), fc.string()), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(text, (pieces) => {
      try {
        expect(find(pieces.join(""), "a")).not.toBeNull();
      } catch (error) {
        expect(error).toMatchObject({ code: "BAD_PRICE_FILE" });
      }
    }),
    { numRuns: 2_000 },
  );
});
