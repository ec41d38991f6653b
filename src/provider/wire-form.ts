import type { Answer } from "../domain/outcome.ts";
import type { Dialect } from "./dialects.ts";

/** How one API is spoken: where a request goes, how the key is shown, what an answer looks like. */
export interface WireForm {
  /** Path below the base URL. A leading `/v1` is left out where the base URL has a path of its own. */
  readonly path: string;
  /** The headers that carry the key; none without one. */
  headers(key: string | null, dialect: Dialect): Record<string, string>;
  /** Reads a reply's JSON; null when it isn't what the API promises. An answer may be empty text. */
  read(json: unknown): Answer | null;
}
