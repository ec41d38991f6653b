import type { Answer } from "../../domain/outcome.ts";
import type { Dialect } from "../dialects.ts";
import type { BaseUrlForm } from "../endpoint-url.ts";

/** How one API is spoken: where a request goes, how the key is shown, what an answer looks like. */
export interface WireForm {
  /** Path with its version, e.g. `/v1/responses`. */
  readonly path: string;
  /** Whether base URLs, as the API's own SDK takes them, end in a version. */
  readonly baseUrl: BaseUrlForm;
  /** The headers that carry the key, none of it without one, and what else the API asks for. */
  headers(key: string | null, dialect: Dialect): Record<string, string>;
  /**
   * Reads a 200; null when it isn't what the API promises. An answer may be empty text.
   *
   * @param text the JSON text of `json`: what may hold numbers is taken from it, so that nothing is rounded
   */
  read(json: unknown, text: string): Answer | null;
}
