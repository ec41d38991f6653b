import { calcPrice, findProvider } from "@pydantic/genai-prices";
import { beforeAll, describe, expect, test } from "vitest";
import { loadPriceTable, type PriceTable } from "../../../src/money/price-table.ts";

const NOON = Date.UTC(2026, 10, 1, 12);
const USAGE = {
  inputTokens: 310_000,
  cachedInputTokens: 70_000,
  cacheWriteTokens: 3_000,
  longCacheWriteTokens: 1_000,
  outputTokens: 999,
};
/** Our name, the table's, and what the table leaves out of its models' names. */
const PROVIDERS: [string, string, string?][] = [
  ["openai", "openai"],
  ["anthropic", "anthropic"],
  ["azure", "azure"],
  ["gemini", "google"],
  ["mistral", "mistral"],
  ["groq", "groq"],
  ["together", "together"],
  ["fireworks", "fireworks", "accounts/fireworks/models/"],
  ["deepseek", "deepseek"],
  ["xai", "x-ai"],
  ["openrouter", "openrouter"],
];

let table: PriceTable;
beforeAll(async () => {
  table = await loadPriceTable();
});

describe("every model of the table", () => {
  test.each(PROVIDERS)(
    "of %s costs what the table itself makes of it",
    (provider, providerId, prefix = "") => {
      const models = findProvider({ providerId })!.models.map(({ id }) => prefix + id);
      const priced = models.filter((model) => {
        const price = table.find({ provider, model, tier: null, at: NOON });
        const cost = price?.cost({ ...USAGE, reasoningTokens: 0 }) ?? null;
        if (cost !== null)
          expect(Math.abs(cost - tableCost(providerId, model)), model).toBeLessThanOrEqual(1);
        return cost !== null;
      });
      expect(priced.length).toBeGreaterThan(models.length / 4);
    },
  );
});

/** Nano-USD. */
function tableCost(providerId: string, model: string): number {
  const usage = {
    input_tokens: USAGE.inputTokens,
    cache_read_tokens: USAGE.cachedInputTokens,
    cache_write_tokens: USAGE.cacheWriteTokens,
    cache_write_1h_tokens: USAGE.longCacheWriteTokens,
    output_tokens: USAGE.outputTokens,
  };
  return calcPrice(usage, model, { providerId, timestamp: new Date(NOON) })!.total_price * 1e9;
}
