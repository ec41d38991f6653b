import type { Refusal } from "./limits/quota.ts";
import type { RetryHint } from "./retry-hint.ts";
import { type SimulatedError, simulatedError } from "./simulated-error.ts";
import type { WireForm } from "./wire/wire-form.ts";

/** How a reply is brought to the client. */
export type Manner =
  | { kind: "whole" }
  /** The connection is reset, before the reply or in the middle of its body. */
  | { kind: "reset" }
  | { kind: "reset-body" }
  /** The connection is closed in good order in the middle of the body. */
  | { kind: "truncated" }
  /** The body comes in ten pieces. */
  | { kind: "slow"; overMs: number }
  /** Nothing ever comes. */
  | { kind: "hang" };

/** What a call gets. */
export interface Reply {
  status: number;
  /** Names and values in turn, without type and length. */
  headers: readonly string[];
  contentType: string;
  body: string;
  manner: Manner;
}

const JSON_TYPE = "application/json";

export function jsonReply(
  status: number,
  body: string,
  headers: readonly string[],
  manner: Manner = { kind: "whole" },
): Reply {
  return { status, headers, contentType: JSON_TYPE, body, manner };
}

/** An error in the wire form's own shape, or in Google's where the hint is of that form. */
export function errorReply(
  form: WireForm,
  error: SimulatedError,
  headers: readonly string[],
  hint?: RetryHint,
): Reply {
  if (!hint) return jsonReply(error.status, form.error(error), headers);
  const body =
    hint.retryDelay === null
      ? form.error({ ...error, message: error.message + hint.sentence })
      : googleError(error, hint.retryDelay);
  return jsonReply(error.status, body, [...headers, ...hint.headers]);
}

/** A web page where JSON was promised, as a proxy in between may send it. */
export function htmlReply(headers: readonly string[]): Reply {
  const body = "<!doctype html><title>Please wait</title><p>This page is not the API.</p>";
  return { status: 200, headers, contentType: "text/html", body, manner: { kind: "whole" } };
}

/** What a reset connection leaves of a reply. */
export const NO_REPLY: Reply = {
  status: 0,
  headers: [],
  contentType: JSON_TYPE,
  body: "",
  manner: { kind: "reset" },
};

const LIMIT_WORDS: Readonly<Record<Refusal["name"], string>> = {
  rpm: "requests per min (RPM)",
  tpm: "tokens per min (TPM)",
  itpm: "input tokens per min (ITPM)",
  otpm: "output tokens per min (OTPM)",
  rpd: "requests per day (RPD)",
  tpd: "tokens per day (TPD)",
};

/** The 429 of a limit; it says apart that a request is above the limit itself and will never pass. */
export function rateLimitError(
  { name, dimension, limit, remaining, cost }: Refusal,
  model: string,
): SimulatedError {
  const limited = `for ${model} on ${LIMIT_WORDS[name]}: Limit ${limit}`;
  const used = Math.max(0, Math.round(limit - remaining));
  const message =
    cost > limit
      ? `Request too large ${limited}, Requested ${cost}. The input or output must be made smaller.`
      : `Rate limit reached ${limited}, Used ${used}, Requested ${cost}.`;
  return { ...simulatedError(429), message, type: dimension === "requests" ? "requests" : "tokens" };
}

export function concurrencyError(concurrency: number): SimulatedError {
  return { ...simulatedError(429), message: `Too many requests at once: Limit ${concurrency}.` };
}

function googleError({ status, message }: SimulatedError, retryDelay: string): string {
  const details = [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay }];
  return JSON.stringify({ error: { code: status, message, status: "RESOURCE_EXHAUSTED", details } });
}
