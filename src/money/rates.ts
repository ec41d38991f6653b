import type { Charge, Usage } from "../domain/usage.ts";

/** USD per million tokens, as prices are published, to nano-USD per token. */
export const NANO_USD_PER_TOKEN = 1_000;

/** What a token costs: a price that may step with the size of the whole input. The first step holds for every call. */
export type Rate = readonly RateStep[];

interface RateStep {
  /** Holds for calls with more input tokens than this. */
  above: number;
  /** Nano-USD per token; not always whole. */
  nanoUsd: number;
}

/** What a model charges. */
export interface Rates {
  input: Rate;
  /** Input that was read from the provider's cache. */
  cachedInput: Rate;
  /** Input that was written to the provider's cache. */
  cacheWrite: Rate;
  /** Input that was written to a cache that keeps it for an hour. */
  longCacheWrite: Rate;
  /** Null for a model whose output has no price: one that makes no text, such as an embedding model. */
  output: Rate | null;
  /** Nano-USD for a call as such. */
  request: number;
  /** The largest input that has a price. */
  mostInputTokens: number;
}

/** One price for every size of input. */
export function flatRate(usdPerMillion: number): Rate {
  return [{ above: -1, nanoUsd: usdPerMillion * NANO_USD_PER_TOKEN }];
}

/** What a call cost, in whole nano-USD: rounded once. Null where the rates say nothing of what was used. */
export function costOf(rates: Rates, usage: Usage): number | null {
  const { inputTokens, cachedInputTokens, cacheWriteTokens, longCacheWriteTokens, outputTokens } = usage;
  if (inputTokens > rates.mostInputTokens) return null;
  if (rates.output === null && outputTokens > 0) return null;
  // A server that counts cached tokens apart would make this negative.
  const plainTokens = Math.max(0, inputTokens - cachedInputTokens - cacheWriteTokens);
  return Math.round(
    rates.request +
      plainTokens * nanoUsdAt(rates.input, inputTokens) +
      cachedInputTokens * nanoUsdAt(rates.cachedInput, inputTokens) +
      (cacheWriteTokens - longCacheWriteTokens) * nanoUsdAt(rates.cacheWrite, inputTokens) +
      longCacheWriteTokens * nanoUsdAt(rates.longCacheWrite, inputTokens) +
      (rates.output === null ? 0 : outputTokens * nanoUsdAt(rates.output, inputTokens)),
  );
}

/**
 * The most that a call may cost, in whole nano-USD: no input cached, all of it at the dearest rate, and the longest
 * answer. Null where nothing bounds it.
 */
export function mostCostOf(rates: Rates, { inputTokens, outputTokens }: Charge): number | null {
  if (inputTokens > rates.mostInputTokens) return null;
  if (rates.output !== null && outputTokens === 0) return null;
  const dearest = [rates.input, rates.cachedInput, rates.cacheWrite, rates.longCacheWrite];
  const input = inputTokens * Math.max(...dearest.map((rate) => nanoUsdAt(rate, inputTokens)));
  const output = rates.output === null ? 0 : outputTokens * nanoUsdAt(rates.output, inputTokens);
  return Math.round(rates.request + input + output);
}

/** Rates of which every token costs so many times as much. */
export function timesRates(rates: Rates, factor: number): Rates {
  const times = (rate: Rate): Rate =>
    rate.map(({ above, nanoUsd }) => ({ above, nanoUsd: nanoUsd * factor }));
  return {
    ...rates,
    input: times(rates.input),
    cachedInput: times(rates.cachedInput),
    cacheWrite: times(rates.cacheWrite),
    longCacheWrite: times(rates.longCacheWrite),
    output: rates.output && times(rates.output),
  };
}

function nanoUsdAt(rate: Rate, inputTokens: number): number {
  let nanoUsd = 0;
  for (const step of rate) if (inputTokens > step.above) nanoUsd = step.nanoUsd;
  return nanoUsd;
}
