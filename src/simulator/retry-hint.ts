import { headerDuration } from "./header-duration.ts";

export const HINT_FORMS = [
  "retry-after",
  "retry-after-date",
  "retry-after-ms",
  "message",
  "google",
  "none",
] as const;

/** How a 429 says when to come back. */
export type HintForm = (typeof HINT_FORMS)[number];

/** The parts of a reply that carry the hint. */
export interface RetryHint {
  /** Names and values in turn. */
  headers: readonly string[];
  /** A sentence for the end of the message; empty in the other forms. */
  sentence: string;
  /** The delay for Google's RetryInfo, e.g. `38s`; null in the other forms. */
  retryDelay: string | null;
}

/** Writes a wait in one form, rounded up to what the form can say: a client that obeys is never too early. */
export function retryHint(form: HintForm, waitMs: number, wallMs: number): RetryHint {
  const silent: RetryHint = { headers: [], sentence: "", retryDelay: null };
  if (waitMs === Infinity) return silent;
  switch (form) {
    case "retry-after":
      return { ...silent, headers: ["retry-after", String(Math.ceil(waitMs / 1_000))] };
    case "retry-after-date":
      return { ...silent, headers: ["retry-after", httpDate(wallMs + waitMs)] };
    case "retry-after-ms":
      return { ...silent, headers: ["retry-after-ms", String(Math.ceil(waitMs))] };
    case "message":
      return { ...silent, sentence: ` Please try again in ${headerDuration(waitMs)}.` };
    case "google":
      return { ...silent, retryDelay: `${Math.ceil(waitMs) / 1_000}s` };
    case "none":
      return silent;
  }
}

/** An HTTP date has whole seconds. */
function httpDate(wallMs: number): string {
  return new Date(Math.ceil(wallMs / 1_000) * 1_000).toUTCString();
}
