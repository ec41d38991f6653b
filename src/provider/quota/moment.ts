import { parseSpan } from "./time-span.ts";

const NUMBER = /^\d+(\.\d+)?$/;
const RFC3339 = /^\d{4}-\d\d-\d\dT/;
/** Three letters of a weekday start every HTTP date, old forms included; `Date.parse` alone would read "1" as a year. */
const HTTP_DATE = /^[A-Z][a-z]{2,8},? /;
/** Smaller numbers are seconds to wait; larger ones are moments: seconds, or from the second bound on milliseconds. */
const EPOCH_SECONDS_FROM = 1e9;
const EPOCH_MILLISECONDS_FROM = 1e12;
/** Ten years: what is further away means never, and dates end somewhere. */
export const NEVER_MS = 10 * 365 * 86_400_000;

/**
 * Milliseconds from `wallMs` to what a header says: a span (`6m0s`, `12ms`), plain seconds, seconds or milliseconds
 * of the Unix epoch, RFC 3339 or an HTTP date. 0 for what is past, {@link NEVER_MS} at most; null for what is none of these.
 */
export function msUntil(text: string, wallMs: number): number | null {
  const value = text.trim();
  const untilMs = NUMBER.test(value) ? numberUntil(Number(value), wallMs) : textUntil(value, wallMs);
  return untilMs !== null && Number.isFinite(untilMs) ? Math.min(Math.max(0, untilMs), NEVER_MS) : null;
}

function numberUntil(value: number, wallMs: number): number {
  if (value >= EPOCH_MILLISECONDS_FROM) return value - wallMs;
  if (value >= EPOCH_SECONDS_FROM) return value * 1_000 - wallMs;
  return value * 1_000;
}

function textUntil(value: string, wallMs: number): number | null {
  if (RFC3339.test(value) || HTTP_DATE.test(value)) return Date.parse(value) - wallMs;
  return parseSpan(value);
}
