import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { ModelPrice, TieredPrices } from "@pydantic/genai-prices";
import { createPrice, type Price } from "./price.ts";
import { flatRate, NANO_USD_PER_TOKEN, type Rate, type Rates } from "./rates.ts";
import { ratesOnTier } from "./service-tier.ts";

const PACKAGE = "@pydantic/genai-prices";

/** Our names for providers, to the table's. Servers of one's own and the simulator have no list prices. */
const TABLE_NAMES: Readonly<Record<string, string>> = {
  openai: "openai",
  anthropic: "anthropic",
  azure: "azure",
  gemini: "google",
  mistral: "mistral",
  groq: "groq",
  together: "together",
  fireworks: "fireworks",
  deepseek: "deepseek",
  xai: "x-ai",
  openrouter: "openrouter",
};

interface TableQuery {
  /** A preset's name. */
  provider: string;
  model: string;
  tier: string | null;
  /** Wall clock, milliseconds: some prices change with the date, or the hour. */
  at: number;
}

/** Published prices, offline: which model a name means, and what it costs when. */
export interface PriceTable {
  source: string;
  find(query: TableQuery): Price | null;
}

/** Loads the table, which takes 160 ms. It never updates itself: prices are those of its version. */
export async function loadPriceTable(): Promise<PriceTable> {
  const { calcPrice } = await import("@pydantic/genai-prices");
  const source = `genai-prices ${tableVersion()}`;
  return {
    source,
    find({ provider, model, tier, at }) {
      const providerId = Object.hasOwn(TABLE_NAMES, provider) ? TABLE_NAMES[provider]! : null;
      if (providerId === null) return null;
      const found = calcPrice({ input_tokens: 0 }, model, { providerId, timestamp: new Date(at) });
      const listed = found && ratesOf(found.model_price);
      if (!listed) return null;
      const rates = ratesOnTier(listed, { provider: found.provider.id, model: found.model.id, tier });
      return rates && createPrice(source, found.model.id, rates);
    },
  };
}

/** Null where text has no price: the model is free, billed by the hour or the page, or has no price in the table. */
function ratesOf(listed: ModelPrice): Rates | null {
  const input = rateOf(listed.input_mtok);
  if (input === null) return null;
  const cacheWrite = rateOf(listed.cache_write_mtok) ?? input;
  return {
    input,
    cachedInput: rateOf(listed.cache_read_mtok) ?? input,
    cacheWrite,
    longCacheWrite: rateOf(listed.cache_write_1h_mtok) ?? cacheWrite,
    output: rateOf(listed.output_mtok),
    request: requestNanoUsd(listed.requests_kcount),
    mostInputTokens: Number.POSITIVE_INFINITY,
  };
}

function rateOf(price: number | TieredPrices | undefined): Rate | null {
  if (price === undefined) return null;
  if (typeof price === "number") return flatRate(price);
  const steps = price.tiers.map(({ start, price: usd }) => ({
    above: start,
    nanoUsd: usd * NANO_USD_PER_TOKEN,
  }));
  return [...flatRate(price.base), ...steps.sort((a, b) => a.above - b.above)];
}

/** The table has USD per thousand requests. */
function requestNanoUsd(price: number | TieredPrices | undefined): number {
  return typeof price === "number" ? price * 1_000_000 : 0;
}

function tableVersion(): string {
  const entry = createRequire(import.meta.url).resolve(PACKAGE);
  const { version } = JSON.parse(readFileSync(join(dirname(entry), "../package.json"), "utf8"));
  return version;
}
