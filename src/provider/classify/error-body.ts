import type { ReplyHeaders } from "../http/reply.ts";

/** What an error reply's body says, whatever shape its provider gives it. */
export interface ErrorBody {
  /** Every code in it that is a word, the one that says most first. */
  codes: readonly string[];
  /** The HTTP status it names, where that is an error. */
  status: number | null;
  message: string;
  /** The beginning of the message, which is what is looked for anything in. */
  opening: string;
  /** Waits it asks for in fields of their own, as text: Google's `38s`. */
  retryDelays: readonly string[];
  /** Headers a gateway passes on inside the body. */
  headers: ReplyHeaders;
}

type Json = Readonly<Record<string, unknown>>;

/** Further down messages quote what was sent. */
const OPENING_CHARS = 2_000;

/**
 * Finds the error in a reply's JSON; null when there is none. With `failed` the whole body counts as one, because the
 * status said so; without, only what is marked as an error.
 */
export function readErrorBody(json: unknown, failed: boolean): ErrorBody | null {
  const root = object(Array.isArray(json) ? json[0] : json);
  if (!root) return null;
  const error = markedError(root) ?? (failed ? root : null);
  if (!error) return null;
  const metadata = object(error.metadata) ?? {};
  const details = objects(error.details);
  const message = messageOf(error, root, metadata);
  const opening = message.slice(0, OPENING_CHARS);
  return {
    codes: [...codesOf(error, root, details), ...meaningOf(opening, metadata)],
    status: statusOf(error, root),
    message,
    opening,
    retryDelays: details.map((detail) => text(detail.retryDelay)).filter((delay) => delay !== ""),
    headers: lowerCased(object(metadata.headers) ?? {}),
  };
}

/** `{error}` nearly everywhere, `{object: "error"}` at vLLM and Mistral, inside the choice at OpenRouter. */
function markedError(root: Json): Json | null {
  const error = root.error ?? objects(root.choices)[0]?.error;
  if (typeof error === "string" && error !== "") return { message: error };
  return object(error) ?? (root.object === "error" ? root : null);
}

function codesOf(error: Json, root: Json, details: readonly Json[]): string[] {
  const violations = details.flatMap((detail) => objects(detail.violations));
  return [
    error.code,
    object(error.innererror)?.code,
    ...details.map((detail) => detail.reason),
    ...violations.map((violation) => violation.quotaId),
    error.type,
    error.error_type,
    object(error.metadata)?.error_type,
    error.status,
    root.code,
  ].filter((code): code is string => typeof code === "string" && /[a-z]/i.test(code));
}

/** Codes of ours for what providers say without one. */
function meaningOf(opening: string, metadata: Json): string[] {
  const [, limit, requested] = /\bLimit:? (\d+).*?\bRequested:? ~?(\d+)/.exec(opening) ?? [];
  const meanings: string[] = [];
  if (Number(requested) > Number(limit)) meanings.push("requested_above_limit");
  if (metadata.flagged_input !== undefined || metadata.reasons !== undefined) meanings.push("moderation");
  return meanings;
}

function statusOf(error: Json, root: Json): number | null {
  const statuses = [error.code, error.status, root.code, root.statusCode].filter(isPlain).map(Number);
  return statuses.find((status) => Number.isInteger(status) && status >= 400 && status < 600) ?? null;
}

/** A gateway's own words say little ("Provider returned error"), so what it passes on is put behind them. */
function messageOf(error: Json, root: Json, metadata: Json): string {
  const own = text(error.message) || text(root.message) || detailOf(root.detail);
  const passedOn = text(metadata.raw);
  return passedOn === "" ? own : `${own}: ${passedOn}`;
}

/** FastAPI: a text, or a list of what is wrong with which field. */
function detailOf(detail: unknown): string {
  if (typeof detail === "string") return detail;
  return objects(detail)
    .map((part) => text(part.msg))
    .join(", ");
}

function lowerCased(headers: Json): ReplyHeaders {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      isPlain(value) ? [[name.toLowerCase(), String(value)]] : [],
    ),
  );
}

function object(value: unknown): Json | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : null;
}

function objects(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter((item): item is Json => object(item) !== null) : [];
}

/** What can become text or a number: an object of a stranger may make even that throw. */
function isPlain(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
