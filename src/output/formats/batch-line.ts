import { isObject } from "../../domain/row.ts";
import type { ResultRow } from "../../ports/results.ts";

/** What the lines of both providers' batch results have in common. */

/** The row's id; from the second answer on with its number, because readers take it for unique. */
export function customIdOf({ key, sample }: ResultRow): string {
  return sample > 1 ? `${key}#${sample}` : key;
}

/** Whether a failed row ended with a reply that says so itself, not in silence or with an answer we refused. */
export function isHttpError({ httpStatus }: ResultRow): boolean {
  return httpStatus !== null && (httpStatus < 200 || httpStatus >= 300);
}

/**
 * Whether a response is one of Anthropic's Messages API. Its own words say it: the endpoints of a run may speak
 * different APIs. Only a text that may be one is parsed.
 */
export function isMessage(response: string): boolean {
  return /"type"\s*:\s*"message"/.test(response) && hasType(response, "message");
}

/** Whether a text is a JSON object with this `type`. */
export function hasType(json: string, type: string): boolean {
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) && value.type === type;
  } catch {
    return false;
  }
}
