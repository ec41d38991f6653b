import { readFileSync } from "node:fs";
import type { RunOptions } from "../../config/run-options.ts";
import { LlmBatchError } from "../../domain/errors.ts";
import { fileTrouble } from "../../domain/file-error.ts";
import type { Answer } from "../../domain/outcome.ts";
import { type RequestSettings, type Target, targetsOf } from "../../domain/request.ts";
import type { Charge } from "../../domain/usage.ts";
import type { Price } from "../../money/price.ts";
import { openPriceBook, type PriceBook } from "../../money/price-book.ts";
import { look } from "../../output/file/look.ts";
import type { Clock } from "../../ports/clock.ts";
import { findPreset } from "../../provider/presets.ts";

/**
 * The prices that are known, those of the user's own file first.
 * @throws LlmBatchError FILE_UNREADABLE, BAD_PRICE_FILE
 */
export async function openPrices(priceFile: string | null): Promise<PriceBook> {
  if (priceFile === null) return openPriceBook(null);
  const text = readPriceFile(priceFile);
  const { compilePriceFile } = await import("../../money/price-file.ts");
  return openPriceBook(compilePriceFile(text, priceFile));
}

/**
 * For a run that is to begin: its prices are read again at each start, which a pipe can't be.
 * @throws LlmBatchError as `openPrices`
 */
export async function checkPriceFile(path: string): Promise<void> {
  if (look(path)?.isFIFO()) {
    throw new LlmBatchError({
      code: "BAD_PRICE_FILE",
      message: `${path}: is a pipe, which can be read only once`,
      hint: "write the prices to a file: `llm-batch resume` reads them again",
    });
  }
  await openPrices(path);
}

/** The prices of a run; null where none can be known, as of a server of one's own: reading the table takes a moment. */
export async function pricesFor(
  request: RequestSettings,
  { priceFile }: RunOptions,
): Promise<PriceBook | null> {
  const isKnown = priceFile !== null || targetsOf(request).some((target) => priceProvider(target) !== null);
  return isKnown ? openPrices(priceFile) : null;
}

/**
 * The provider whose prices hold for a target: the one that was named, be it behind a gateway, or whose own address it is. Null
 * for an address alone, whose server may charge anything.
 */
export function priceProvider({
  provider,
  isNamed,
  baseUrl,
}: Pick<Target, "provider" | "isNamed" | "baseUrl">): string | null {
  const preset = findPreset(provider);
  if (!preset?.needsKey) return null;
  const isOwn = preset.baseUrl === null || preset.baseUrl === baseUrl;
  return isNamed || isOwn ? preset.name : null;
}

/** What calls are priced by: where they go, the model that is asked, and the tier that is asked for. */
interface Priced {
  target: Target;
  model: string | null;
  tier: string | null;
}

/**
 * Tells what answers cost, in whole nano-USD: by the model that answered, else by the one that was asked; null where
 * neither has a known price.
 * @param tier the service tier that is asked for; the answer's own goes before it
 */
export function pricing(
  prices: PriceBook,
  { target, model, tier }: Priced,
  clock: Clock,
): (answer: Answer) => number | null {
  const provider = priceProvider(target);
  return ({ model: answered, serviceTier, usage }) => {
    const priceOf = (name: string | null): Price | null =>
      name === null
        ? null
        : prices.find({ provider, model: name, tier: serviceTier ?? tier, at: clock.wall() });
    return (priceOf(answered) ?? priceOf(model))?.cost(usage) ?? null;
  };
}

/**
 * Tells what calls cost at most, in whole nano-USD, as {@link Price.mostCost}; null where the model that is asked has no
 * known price.
 */
export function mostCosting(
  prices: PriceBook,
  { target, model, tier }: Priced,
  clock: Clock,
): ((charge: Charge) => number | null) | null {
  if (model === null) return null;
  const provider = priceProvider(target);
  const find = (): Price | null => prices.find({ provider, model, tier, at: clock.wall() });
  return find() && ((charge) => find()?.mostCost(charge) ?? null);
}

function readPriceFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new LlmBatchError({
      code: "FILE_UNREADABLE",
      message: `--price-file: ${path}: can't be read: ${fileTrouble(cause)}`,
      hint: "check the path",
      cause,
    });
  }
}
