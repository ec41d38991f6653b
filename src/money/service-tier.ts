import { type Rates, timesRates } from "./rates.ts";

/** What providers call the tier that has the listed prices; `auto` and none are taken for it until an answer tells. */
const STANDARD_TIERS = ["default", "standard", "auto", "standard_only", "on_demand"];

/** What a service tier charges, by the price table's names for provider and model. */
interface TierRule {
  provider: string;
  tiers: readonly string[];
  /** The models that are known to have the tier. */
  models: RegExp;
  /** Times the listed price of every token. */
  factor: number;
  /** Whether the tier's price steps with the input as the listed one does; else a call above the first step has none. */
  hasSteps: boolean;
}

/**
 * The table knows listed prices only. What is not here is unknown: a tier is never guessed. All as of November 2026.
 *
 * - OpenAI flex and batch, half: developers.openai.com/api/docs/guides/flex-processing and .../docs/pricing.
 * - OpenAI priority, also called fast, by model and without long inputs: openai.com/api-fast-mode.
 * - Gemini flex, half: ai.google.dev/gemini-api/docs/flex-inference.
 * - Groq flex, the same: console.groq.com/docs/flex-processing.
 */
const TIER_RULES: readonly TierRule[] = [
  {
    provider: "openai",
    tiers: ["flex", "batch"],
    models: /^(o3|o4-mini|gpt-5(-mini|-nano)?|gpt-5\.[1245]|gpt-5\.4-(mini|nano)|gpt-5\.6-(sol|terra|luna))$/,
    factor: 0.5,
    hasSteps: true,
  },
  priority(/^gpt-5\.5$/, 2.5),
  priority(/^(gpt-5|gpt-5\.[124]|gpt-5\.4-mini)$/, 2),
  priority(/^gpt-5-mini$/, 1.8),
  priority(/^gpt-4\.1$/, 1.75),
  {
    provider: "google",
    tiers: ["flex"],
    models: /^gemini-(2\.5-(pro|flash|flash-lite)|3\.[78]-flash)$/,
    factor: 0.5,
    hasSteps: true,
  },
  { provider: "groq", tiers: ["flex"], models: /./, factor: 1, hasSteps: true },
];

/** The tier where it is one with prices of its own, else null. */
export function specialTier(tier: string | null): string | null {
  return tier === null || STANDARD_TIERS.includes(tier) ? null : tier;
}

/** A model's rates on a service tier; null where it isn't known to have that tier. */
export function ratesOnTier(
  rates: Rates,
  { provider, model, tier }: { provider: string; model: string; tier: string | null },
): Rates | null {
  const special = specialTier(tier);
  if (special === null) return rates;
  const rule = TIER_RULES.find(
    (one) => one.provider === provider && one.tiers.includes(special) && one.models.test(model),
  );
  if (!rule) return null;
  const scaled = timesRates(rates, rule.factor);
  return rule.hasSteps ? scaled : { ...scaled, mostInputTokens: firstStep(rates) };
}

function priority(models: RegExp, factor: number): TierRule {
  return { provider: "openai", tiers: ["priority", "fast"], models, factor, hasSteps: false };
}

/** The largest input before the price steps up. */
function firstStep({ input }: Rates): number {
  return input[1]?.above ?? Number.POSITIVE_INFINITY;
}
