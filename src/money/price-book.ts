import type { Price } from "./price.ts";
import type { PriceFile } from "./price-file.ts";
import { loadPriceTable, type PriceTable } from "./price-table.ts";

const MINUTE_MS = 60_000;

export interface PriceQuery {
  /** The preset whose prices hold; null where nothing says which. */
  provider: string | null;
  /** As it is sent, e.g. `gpt-4.1-mini-2025-04-14`. */
  model: string;
  /** The service tier that served the call, or that is asked for; null for the provider's usual one. */
  tier: string | null;
  /** Wall clock of the call, milliseconds. */
  at: number;
}

/** Every price that is known: a user's own first, then the published ones. */
export class PriceBook {
  /** The tables to look a price up in, in this order. */
  readonly sources: readonly string[];
  readonly #file: PriceFile | null;
  readonly #table: PriceTable;
  /** The last answer for each model and tier, and the minute it holds for. */
  readonly #found = new Map<string, { minute: number; price: Price | null }>();

  constructor(file: PriceFile | null, table: PriceTable) {
    this.#file = file;
    this.#table = table;
    this.sources = [...(file ? [file.source] : []), table.source];
  }

  /** Null where no price is known; that is never free. Cheap enough for every call: prices change by the minute at most. */
  find({ provider, model, tier, at }: PriceQuery): Price | null {
    const key = JSON.stringify([provider, model, tier]);
    const minute = Math.floor(at / MINUTE_MS);
    const known = this.#found.get(key);
    if (known?.minute === minute) return known.price;
    const price = this.#look({ provider, model, tier, at });
    this.#found.set(key, { minute, price });
    return price;
  }

  #look({ provider, model, tier, at }: PriceQuery): Price | null {
    const own = this.#file?.find({ provider, model, tier });
    if (own !== undefined) return own;
    return provider === null ? null : this.#table.find({ provider, model, tier, at });
  }
}

/** Loads the published prices, to be asked after the user's own. */
export async function openPriceBook(file: PriceFile | null): Promise<PriceBook> {
  return new PriceBook(file, await loadPriceTable());
}
