import type { ErrorBody } from "../classify/error-body.ts";
import { header, type ReplyHeaders } from "../http/reply.ts";
import { msUntil, NEVER_MS } from "./moment.ts";
import { parseSpan } from "./time-span.ts";

/** Words before a wait: "Please try again in 6m0s", "Please retry after 60 seconds". */
const WAIT =
  /\b(?:try again|retry(?:ing)?|wait|resets?)(?: (?:in|after|for))? (?:about |approximately |~)?(?=\d)/gi;

/**
 * The longest wait a reply asks for, in whole milliseconds rounded up; null when it asks for none. Longest, because a
 * hint must never be shortened, and where there are several they are roundings of one another.
 */
export function retryHint(headers: ReplyHeaders, body: ErrorBody | null, wallMs: number): number | null {
  const hints = [...headerHints(headers, wallMs), ...(body ? bodyHints(body) : [])];
  const longestMs = Math.max(0, ...hints.map((hint) => (hint !== null && Number.isFinite(hint) ? hint : 0)));
  return longestMs > 0 ? Math.ceil(Math.min(longestMs, NEVER_MS)) : null;
}

/**
 * `retry-after-ms` is the exact form of `retry-after`, which a gateway may add to a provider's own; the last is Azure's, which
 * may stand alone.
 */
function headerHints(headers: ReplyHeaders, wallMs: number): (number | null)[] {
  const exactMs = milliseconds(header(headers, "retry-after-ms"));
  const retryAfter = [headers["retry-after"] ?? []].flat();
  const azureReset = header(headers, "x-rate-limit-reset-tokens");
  return [
    ...(exactMs === null ? retryAfter.map((text) => msUntil(text, wallMs)) : [exactMs]),
    azureReset === null ? null : msUntil(azureReset, wallMs),
  ];
}

function bodyHints(body: ErrorBody): (number | null)[] {
  return [...body.retryDelays.map(parseSpan), ...messageHints(body.opening)];
}

function messageHints(message: string): (number | null)[] {
  return [...message.matchAll(WAIT)].map((match) => parseSpan(message.slice(match.index + match[0].length)));
}

function milliseconds(text: string | null): number | null {
  return text !== null && /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : null;
}
