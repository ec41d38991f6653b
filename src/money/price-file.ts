import { type Document, LineCounter, parseDocument } from "yaml";
import { LlmBatchError } from "../domain/errors.ts";
import { NANO_USD_PER_USD } from "../domain/nano-usd.ts";
import { nearest } from "../domain/nearest.ts";
import { createPrice, type Price } from "./price.ts";
import { flatRate, type Rates } from "./rates.ts";
import { specialTier } from "./service-tier.ts";

const RATE_KEYS = ["input", "cached_input", "cache_write", "output", "request"];
const ENTRY_KEYS = ["provider", "model", ...RATE_KEYS, "tiers"];
const HINT = "an entry reads `- {model: my-model, input: 0.5, output: 1.5}`, in USD per million tokens";

/** A user's own prices. */
export interface PriceFile {
  source: string;
  /**
   * The price by the first entry that fits provider and model. An entry speaks for its model alone: null for a tier
   * that it doesn't name, undefined where no entry fits.
   */
  find(query: { provider: string | null; model: string; tier: string | null }): Price | null | undefined;
}

interface Entry {
  /** Null fits any. */
  provider: string | null;
  pattern: string;
  fits: RegExp;
  standard: Rates;
  tiers: ReadonlyMap<string, Rates>;
}

/**
 * Reads a price file, YAML or JSON: a list of entries with `model` (`*` stands for any text), `input` and `output` in
 * USD per million tokens, and where they differ `cached_input` and `cache_write` (default: as `input`), `request` in
 * USD per call (default 0), `provider` (default: any) and `tiers`, a map of service tiers to prices of their own.
 * @throws LlmBatchError BAD_PRICE_FILE
 */
export function compilePriceFile(text: string, path: string): PriceFile {
  const entries = new PriceFileReader(text, path).entries();
  return {
    source: path,
    find({ provider, model, tier }) {
      const entry = entries.find(
        (one) => (one.provider === null || one.provider === provider) && one.fits.test(model),
      );
      if (!entry) return undefined;
      const special = specialTier(tier);
      const rates = special === null ? entry.standard : entry.tiers.get(special);
      return rates ? createPrice(path, entry.pattern, rates) : null;
    },
  };
}

type Keys = readonly (string | number)[];

/** Checks the file value by value, to name the line of the first that is wrong. */
class PriceFileReader {
  readonly #path: string;
  readonly #lines = new LineCounter();
  readonly #document: Document;
  readonly #data: unknown;

  constructor(text: string, path: string) {
    this.#path = path;
    this.#document = parseDocument(text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      logLevel: "error",
    });
    const [error] = this.#document.errors;
    if (error) throw this.#badAt(this.#lines.linePos(error.pos[0]).line, error.message);
    try {
      this.#data = this.#document.toJS();
    } catch (error) {
      throw this.#badAt(1, (error as Error).message);
    }
  }

  entries(): Entry[] {
    const list = this.#data;
    if (!Array.isArray(list)) throw this.#bad([], "expected a list of entries");
    return list.map((_, index) => this.#entry([index]));
  }

  #entry(at: Keys): Entry {
    const entry = this.#map(at, ENTRY_KEYS);
    const pattern = this.#text([...at, "model"]);
    const tiers = entry.tiers === undefined ? [] : Object.keys(this.#map([...at, "tiers"], null));
    return {
      provider: entry.provider === undefined ? null : this.#text([...at, "provider"]),
      pattern,
      fits: patternOf(pattern),
      standard: this.#rates(at),
      tiers: new Map(tiers.map((tier) => [tier, this.#tier([...at, "tiers", tier], tier)])),
    };
  }

  #tier(at: Keys, name: string): Rates {
    if (specialTier(name) === null) throw this.#bad(at, "is the tier that the entry itself is for");
    this.#map(at, RATE_KEYS);
    return this.#rates(at);
  }

  #rates(at: Keys): Rates {
    const input = this.#usd([...at, "input"]);
    const cacheWrite = flatRate(this.#usd([...at, "cache_write"], input));
    return {
      input: flatRate(input),
      cachedInput: flatRate(this.#usd([...at, "cached_input"], input)),
      cacheWrite,
      longCacheWrite: cacheWrite,
      output: flatRate(this.#usd([...at, "output"])),
      request: this.#usd([...at, "request"], 0) * NANO_USD_PER_USD,
      mostInputTokens: Number.POSITIVE_INFINITY,
    };
  }

  #map(at: Keys, keys: readonly string[] | null): Record<string, unknown> {
    const value = this.#value(at);
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw this.#bad(at, `expected a map, got ${JSON.stringify(value)}`);
    }
    const unknown = Object.keys(value).find((key) => keys !== null && !keys.includes(key));
    if (unknown !== undefined) {
      const close = nearest(unknown, keys ?? []);
      throw this.#bad([...at, unknown], `unknown${close ? `, did you mean "${close}"?` : ""}`);
    }
    return value as Record<string, unknown>;
  }

  #text(at: Keys): string {
    const value = this.#value(at);
    if (typeof value === "string" && value !== "") return value;
    throw this.#bad(at, value === undefined ? "is missing" : `expected a name, got ${JSON.stringify(value)}`);
  }

  #usd(at: Keys, fallback?: number): number {
    const value = this.#value(at) ?? fallback;
    if (typeof value === "number" && Number.isFinite(value) && value >= 0) return value;
    if (value === undefined) throw this.#bad(at, "is missing; write 0 where it costs nothing");
    throw this.#bad(at, `expected USD, 0 or more, got ${JSON.stringify(value)}`);
  }

  #value(at: Keys): unknown {
    return at.reduce<unknown>((value, key) => {
      const isMap = typeof value === "object" && value !== null && Object.hasOwn(value, key);
      return isMap ? (value as Record<string, unknown>)[key] : undefined;
    }, this.#data);
  }

  #bad(at: Keys, what: string): LlmBatchError {
    const name = at.filter((key) => typeof key === "string").join(".");
    return this.#badAt(this.#lineOf(at), name === "" ? what : `${name}: ${what}`);
  }

  /** The line of a value, or of the nearest thing around it where it is missing. */
  #lineOf(at: Keys): number {
    for (let length = at.length; length > 0; length--) {
      const node = this.#document.getIn(at.slice(0, length), true) as { range?: number[] } | undefined;
      if (node?.range) return this.#lines.linePos(node.range[0]!).line;
    }
    return 1;
  }

  #badAt(line: number, what: string): LlmBatchError {
    return new LlmBatchError({
      code: "BAD_PRICE_FILE",
      message: `${this.#path}:${line}: ${what}`,
      hint: HINT,
    });
  }
}

/**
 * Each part is looked for once, behind the one before: plain `.*` would look again from each place, for minutes where a row's model
 * is long.
 */
function patternOf(pattern: string): RegExp {
  const parts = pattern.split("*").map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"));
  const [first, ...others] = parts;
  const last = others.pop();
  const between = others.map((part, at) => `(?=(.*?${part}))\\${at + 1}`).join("");
  return new RegExp(`^${first}${between}${last === undefined ? "" : `.*${last}`}$`, "i");
}
