import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { Usage } from "../../../src/domain/usage.ts";
import { openPriceBook, type PriceBook, type PriceQuery } from "../../../src/money/price-book.ts";
import { compilePriceFile } from "../../../src/money/price-file.ts";

const NOON = Date.UTC(2026, 10, 1, 12);

let prices: PriceBook;
beforeAll(async () => {
  prices = await openPriceBook(null);
});

function query(provider: string | null, model: string, more: Partial<PriceQuery> = {}): PriceQuery {
  return { provider, model, tier: null, at: NOON, ...more };
}

/** Usage by its parts: input that is neither cached nor written, cached, written, and output. */
function usage(plain: number, cached: number, written: number, output: number): Usage {
  return {
    inputTokens: plain + cached + written,
    cachedInputTokens: cached,
    cacheWriteTokens: written,
    longCacheWriteTokens: 0,
    outputTokens: output,
    reasoningTokens: 0,
  };
}

/**
 * USD per million tokens, as published: developers.openai.com/api/docs/pricing and .../guides/flex-processing,
 * openai.com/api-fast-mode, platform.claude.com/docs/en/about-claude/pricing, ai.google.dev/gemini-api/docs/pricing,
 * groq.com/pricing. USD per million is nano-USD per thousandth of a token: 1,000 tokens at $0.40 are 400,000 nano-USD.
 */
const PUBLISHED = [
  { provider: "openai", model: "gpt-4.1-mini", plain: 0.4, cached: 0.1, output: 1.6 },
  { provider: "openai", model: "gpt-4.1-mini-2025-04-14", plain: 0.4, cached: 0.1, output: 1.6 },
  { provider: "openai", model: "gpt-4o", plain: 2.5, cached: 1.25, output: 10 },
  { provider: "openai", model: "gpt-4o-mini", plain: 0.15, cached: 0.075, output: 0.6 },
  { provider: "openai", model: "gpt-5", plain: 1.25, cached: 0.125, output: 10 },
  { provider: "openai", model: "gpt-5-nano", plain: 0.05, cached: 0.005, output: 0.4 },
  { provider: "openai", model: "o4-mini", plain: 1.1, cached: 0.275, output: 4.4 },
  { provider: "openai", model: "gpt-5", tier: "default", plain: 1.25, cached: 0.125, output: 10 },
  { provider: "openai", model: "gpt-5", tier: "flex", plain: 0.625, cached: 0.0625, output: 5 },
  { provider: "openai", model: "gpt-5-mini", tier: "flex", plain: 0.125, cached: 0.0125, output: 1 },
  { provider: "openai", model: "o3", tier: "flex", plain: 1, cached: 0.25, output: 4 },
  { provider: "openai", model: "gpt-5-mini", tier: "priority", plain: 0.45, cached: 0.045, output: 3.6 },
  { provider: "openai", model: "gpt-4.1", tier: "priority", plain: 3.5, cached: 0.875, output: 14 },
  { provider: "anthropic", model: "claude-sonnet-5", plain: 2, cached: 0.2, written: 2.5, output: 10 },
  {
    provider: "anthropic",
    model: "claude-haiku-4-5-20251001",
    plain: 1,
    cached: 0.1,
    written: 1.25,
    output: 5,
  },
  { provider: "gemini", model: "gemini-2.5-flash", plain: 0.3, cached: 0.03, output: 2.5 },
  { provider: "gemini", model: "gemini-2.5-flash", tier: "flex", plain: 0.15, cached: 0.015, output: 1.25 },
  { provider: "groq", model: "llama-3.3-70b-versatile", tier: "on_demand", plain: 0.59, output: 0.79 },
];

describe("what a call costs", () => {
  test.each(PUBLISHED)("of $provider's $model, tier $tier, is its published price", (published) => {
    const { provider, model, tier = null, plain, cached = plain, written = plain, output } = published;
    const byHand = 10_000 * plain + 4_000 * cached + 2_000 * written + 500 * output;
    const price = prices.find(query(provider, model, { tier }));
    expect(price?.cost(usage(10_000, 4_000, 2_000, 500))).toBe(Math.round(byHand * 1_000));
  });

  test("is higher for input that Anthropic keeps for an hour", () => {
    const price = prices.find(query("anthropic", "claude-haiku-4-5"));
    expect(price?.cost(usage(0, 0, 1_000, 0))).toBe(1_250_000);
    expect(price?.cost({ ...usage(0, 0, 1_000, 0), longCacheWriteTokens: 400 })).toBe(750_000 + 800_000);
  });

  test("is higher for every token of a call with a long input", () => {
    const price = prices.find(query("gemini", "gemini-2.5-pro"));
    expect(price?.cost(usage(200_000, 0, 0, 1_000))).toBe(200_000 * 1_250 + 1_000 * 10_000);
    expect(price?.cost(usage(100_001, 100_000, 0, 1_000))).toBe(
      100_001 * 2_500 + 100_000 * 250 + 1_000 * 15_000,
    );
  });

  test("is halved on flex for a long input too", () => {
    const price = prices.find(query("openai", "gpt-5.4", { tier: "flex" }));
    expect(price?.cost(usage(300_000, 0, 0, 1_000))).toBe(300_000 * 2_500 + 1_000 * 11_250);
  });

  test("follows the date and the hour where the price does", () => {
    const o3 = (at: number) => prices.find(query("openai", "o3", { at }))?.cost(usage(1_000, 0, 0, 1_000));
    expect(o3(Date.UTC(2025, 5, 1))).toBe(50_000_000);
    expect(o3(Date.UTC(2025, 5, 11))).toBe(10_000_000);
    const chat = (hour: number) =>
      prices
        .find(query("deepseek", "deepseek-chat", { at: Date.UTC(2026, 10, 1, hour) }))
        ?.cost(usage(1_000, 0, 0, 1_000));
    expect(chat(20)).toBe(135_000 + 550_000);
    expect(chat(12)).toBe(270_000 + 1_100_000);
  });

  test("has no negative part where a server counts cached tokens apart", () => {
    const price = prices.find(query("openai", "gpt-4.1-mini"));
    expect(price?.cost({ ...usage(0, 0, 0, 0), inputTokens: 10, cachedInputTokens: 1_000 })).toBe(100_000);
  });

  test("grows with each count, and adds up but for the rounding", () => {
    const models = fc.constantFrom("gpt-4.1-mini", "gpt-5", "gpt-5.4", "gpt-5.6-sol", "o4-mini");
    const tokens = fc.nat(130_000);
    const parts = fc.tuple(tokens, tokens, tokens, tokens);
    const more = fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 1_000 }));
    fc.assert(
      fc.property(models, parts, more, (model, counts, [which, extra]) => {
        const price = prices.find(query("openai", model))!;
        const cost = (parts: readonly number[]) =>
          price.cost(usage(parts[0]!, parts[1]!, parts[2]!, parts[3]!))!;
        const grown = counts.map((count, index) => (index === which ? count + extra : count));
        expect(cost(grown)).toBeGreaterThanOrEqual(cost(counts));
        const halves = counts.map((count) => Math.floor(count / 4));
        const twice = halves.map((count) => count * 2);
        expect(Math.abs(cost(twice) - 2 * cost(halves))).toBeLessThanOrEqual(2);
      }),
    );
  });
});

describe("the most a call may cost", () => {
  test("is the input uncached and the longest answer", () => {
    const price = prices.find(query("openai", "gpt-4.1-mini"));
    expect(price?.mostCost({ inputTokens: 1_000, outputTokens: 100 })).toBe(400_000 + 160_000);
  });

  test("takes the input to be written to the dearest cache", () => {
    const price = prices.find(query("anthropic", "claude-haiku-4-5"));
    expect(price?.mostCost({ inputTokens: 1_000, outputTokens: 100 })).toBe(2_000_000 + 500_000);
  });

  test("is unknown where nothing bounds the answer, unless the model makes none", () => {
    expect(
      prices.find(query("openai", "gpt-4.1-mini"))?.mostCost({ inputTokens: 1_000, outputTokens: 0 }),
    ).toBeNull();
    const embedding = prices.find(query("openai", "text-embedding-3-small"));
    expect(embedding?.mostCost({ inputTokens: 1_000, outputTokens: 0 })).toBe(20_000);
  });

  test("is never below what the call costs", () => {
    const tokens = fc.nat(100_000);
    fc.assert(
      fc.property(
        tokens,
        tokens,
        tokens,
        fc.integer({ min: 1, max: 10_000 }),
        (plain, cached, written, output) => {
          const used = usage(plain, cached, written, output);
          for (const [provider, model] of [
            ["anthropic", "claude-sonnet-4-5"],
            ["openai", "gpt-5.6-sol"],
          ] as const) {
            const price = prices.find(query(provider, model))!;
            expect(price.mostCost(used)).toBeGreaterThanOrEqual(price.cost(used)!);
          }
        },
      ),
    );
  });
});

describe("a price that isn't known is null, never 0", () => {
  test.each([
    ["a model nobody knows", query("openai", "no-such-model")],
    ["a provider nobody knows", query("acme", "gpt-4.1-mini")],
    ["an address that is not the provider's own", query(null, "gpt-4.1-mini")],
    ["a server of one's own", query("ollama", "llama3.3")],
    ["the simulator", query("sim", "sim-1")],
    ["a tier nobody knows", query("openai", "gpt-5", { tier: "scale" })],
    ["a tier the model isn't known to have", query("openai", "gpt-4o", { tier: "flex" })],
    ["the same tier of another provider", query("mistral", "mistral-large-latest", { tier: "flex" })],
    ["a model without a price in the table", query("openai", "omni-moderation-latest")],
    ["a model that is billed by the hour", query("groq", "whisper-large-v3")],
    ["a name from Object.prototype", query("constructor", "toString")],
  ])("%s", (_, unknown) => {
    expect(prices.find(unknown)).toBeNull();
  });

  test("nor is the cost of a long input on a tier that has no price for it", () => {
    const price = prices.find(query("openai", "gpt-5.4", { tier: "priority" }));
    expect(price?.cost(usage(1_000, 0, 0, 0))).toBe(5_000_000);
    expect(price?.cost(usage(300_000, 0, 0, 0))).toBeNull();
    expect(price?.mostCost({ inputTokens: 300_000, outputTokens: 1 })).toBeNull();
  });

  test("nor is output of a model whose output has no price", () => {
    expect(prices.find(query("openai", "text-embedding-3-small"))?.cost(usage(1_000, 0, 0, 1))).toBeNull();
  });
});

describe("whose price it is", () => {
  const own = compilePriceFile("- {model: gpt-4.1*, input: 1, output: 2}", "prices.yaml");

  test("the user's own file goes before the published prices", async () => {
    const book = await openPriceBook(own);
    const price = book.find(query("openai", "gpt-4.1-mini"));
    expect(price).toMatchObject({ source: "prices.yaml", model: "gpt-4.1*" });
    expect(price?.cost(usage(1_000, 0, 0, 1_000))).toBe(3_000_000);
    expect(book.sources).toEqual(["prices.yaml", expect.stringMatching(/^genai-prices \d/)]);
  });

  test("a model that the file doesn't name has its published price", async () => {
    const book = await openPriceBook(own);
    expect(book.find(query("openai", "gpt-4o"))?.source).toMatch(/^genai-prices/);
  });

  test("a file entry without the tier leaves it unknown instead of mixing prices", async () => {
    const book = await openPriceBook(own);
    expect(book.find(query("openai", "gpt-4.1", { tier: "priority" }))).toBeNull();
  });

  test("the published price says which model it took the name for", () => {
    expect(prices.find(query("openai", "gpt-4.1-2025-04-14"))).toMatchObject({ model: "gpt-4.1" });
  });
});
