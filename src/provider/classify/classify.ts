import {
  type Answer,
  type Outcome,
  type OutcomeKind,
  type QuotaReport,
  ranIntoLimit,
  withoutReply,
} from "../../domain/outcome.ts";
import type { Dialect } from "../dialects.ts";
import { header, type Reply, type ReplyHeaders, TransportError } from "../http/reply.ts";
import { oneLine, wordsOf } from "../one-line.ts";
import { msUntil } from "../quota/moment.ts";
import { quotaReports } from "../quota/quota-headers.ts";
import { retryHint } from "../quota/retry-hint.ts";
import type { Redact } from "../redact.ts";
import type { WireForm } from "../wire/wire-form.ts";
import { type ErrorBody, readErrorBody } from "./error-body.ts";
import { BLOCKED_ENDPOINT, type Verdict } from "./error-rules.ts";
import { judge } from "./judge.ts";

export interface ClassifyContext {
  wire: WireForm;
  dialect: Dialect;
  /** Wall clock at the reply. */
  wallMs: number;
  redact: Redact;
}

/** Under which names providers send the id that their support asks for. */
const REQUEST_ID_HEADERS = ["x-request-id", "request-id", "apim-request-id"];

/** Codes of ends that were our doing, and say nothing of the provider. */
const OURS = ["aborted", "too_many_files"];

/** What nginx, Go and Apache say in plain text to who speaks plain HTTP to a port of TLS. */
const WANTS_TLS =
  /^(?!\s*[{[])[\s\S]{0,2000}(plain HTTP request was sent to HTTPS port|sent an HTTP request to an HTTPS server|speaking plain HTTP to an SSL-enabled)/i;
const A_PAGE = /^\s*<(!doctype\b|html\b)/i;
/** Of a reply that is no JSON. */
const SHOWN_CHARS = 200;

/** What bytes that are no UTF-8 are read as. */
const NO_TEXT = "\ufffd";

const ANSWERED = { kind: "succeeded", code: "ok", message: "" } as const;

const TRANSPORT_KINDS: Readonly<Record<TransportError["phase"], OutcomeKind>> = {
  connect: "unreachable",
  sent: "interrupted",
};

/** Finish reasons of an answer that was held back: asked again, the same request would end the same way. */
const HELD_BACK: ReadonlyMap<string, string> = new Map([
  ["content_filter", "the provider's content filter held the answer back"],
  ["refusal", "the model refused to answer"],
]);

/** Decides what a call's end means. Keys are taken out of all that an outcome carries. */
export function classify(end: Reply | TransportError, context: ClassifyContext): Outcome {
  if (end instanceof TransportError) return transportOutcome(end, context);
  const { status, headers, cutOff } = end;
  const reply = { status, headers, cutOff, body: context.redact.answer(end.body) };
  const json = reply.cutOff ? undefined : parse(reply.body);
  const failed = reply.status < 200 || reply.status >= 300;
  const error = readErrorBody(json, failed);
  if (!failed && !error) return answerOutcome(reply, json, context);
  return errorOutcome({ ...reply, headers: { ...reply.headers, ...error?.headers } }, error, context);
}

function transportOutcome({ code, phase, message }: TransportError, { redact }: ClassifyContext): Outcome {
  const kind = OURS.includes(code) ? "aborted" : TRANSPORT_KINDS[phase];
  return withoutReply(kind, code, oneLine(redact.error(message)));
}

/** Empty text is no answer, but was paid for: its usage is kept. */
function answerOutcome(reply: Reply, json: unknown, context: ClassifyContext): Outcome {
  const answer = json === undefined ? null : context.wire.read(json, reply.body);
  if (answer && answer.output !== '""') return outcomeOf(reply, context, ANSWERED, answer);
  const [code = ""] = answer?.finishReason?.split(":", 1) ?? [];
  const message = HELD_BACK.get(code);
  if (message) return outcomeOf(reply, context, { kind: "rejected", code, message }, answer);
  const flaw = flawOf(reply, json, answer);
  const told = oneLine(context.redact.error(flaw.message));
  return outcomeOf(reply, context, { kind: "malformed", code: flaw.code, message: told }, answer);
}

function flawOf(reply: Reply, json: unknown, answer: Answer | null): Pick<Outcome, "code" | "message"> {
  if (reply.cutOff) return { code: "body_too_large", message: "the answer is longer than is read" };
  if (reply.body.trim() === "") return { code: "empty_body", message: "the reply has no body" };
  if (json === undefined) return { code: "not_json", message: notJson(reply) };
  if (!answer) return { code: "no_answer", message: "the reply holds no answer in the promised form" };
  const end = answer.finishReason ? ` (finish reason: ${answer.finishReason})` : "";
  const advice = ranIntoLimit(answer.finishReason) ? ": --max-tokens may be too low" : "";
  return { code: "empty_answer", message: `the answer is empty${end}${advice}` };
}

/** Where every reply is such a one, only what it says tells whose it is: a sign-in page, an app on the same port, a stream. */
function notJson({ headers, body }: Reply): string {
  const encoding = header(headers, "content-encoding");
  if (encoding && body.includes(NO_TEXT))
    return `the reply is not JSON, nor can it be unpacked (content-encoding: ${encoding})`;
  const isPage = A_PAGE.test(body);
  const words = oneLine(isPage ? wordsOf(body) : body.slice(0, 1_000)).slice(0, SHOWN_CHARS);
  return isPage ? `the reply is a web page, check --base-url: ${words}` : `the reply is not JSON: ${words}`;
}

function errorOutcome(reply: Reply, error: ErrorBody | null, context: ClassifyContext): Outcome {
  const hintMs = retryHint(reply.headers, error, context.wallMs);
  const status = error?.status ?? reply.status;
  const quota = quotaReports(reply.headers, context.dialect, context.wallMs);
  const retryAfterMs = hintMs ?? (status === 429 ? resetHint(reply.headers, quota, context.wallMs) : null);
  const shouldRetry = header(reply.headers, "x-should-retry");
  const verdict = WANTS_TLS.test(reply.body)
    ? BLOCKED_ENDPOINT
    : judge({ status, body: error, shouldRetry, retryAfterMs });
  const code = codeOf(reply, error, context.redact);
  const message = oneLine(context.redact.error(messageOf(reply, error, verdict)));
  return {
    ...outcomeOf(reply, context, { kind: verdict.kind, code, message }, null),
    retryAfterMs,
    blockedBy: verdict.blockedBy ?? null,
    raw: context.redact.error(reply.body),
  };
}

/**
 * The wait for a 429 without a hint, in milliseconds: until the quotas that are used up reset, as their headers say. Together sends
 * the reset alone.
 */
function resetHint(headers: ReplyHeaders, quota: readonly QuotaReport[], wallMs: number): number | null {
  const resetsMs = quota.filter(({ remaining }) => remaining === 0).map(({ resetMs }) => resetMs ?? 0);
  const plain = quota.length === 0 ? header(headers, "x-ratelimit-reset") : null;
  const plainMs = plain === null ? null : msUntil(plain, wallMs);
  return Math.ceil(Math.max(0, plainMs ?? 0, ...resetsMs)) || null;
}

function codeOf(reply: Reply, error: ErrorBody | null, redact: Redact): string {
  if (isRedirect(reply)) return "redirect";
  const code = oneLine(redact.error(error?.codes[0] ?? "")).slice(0, 100);
  return code || `http_${error?.status ?? reply.status}`;
}

function messageOf(reply: Reply, error: ErrorBody | null, verdict: Verdict): string {
  if (isRedirect(reply)) {
    return `redirected to ${header(reply.headers, "location") ?? "nowhere"}, which is not followed: check --base-url`;
  }
  const message =
    error?.message || wordsOf(error ? "" : reply.body).trim() || `HTTP ${error?.status ?? reply.status}`;
  if (verdict.blockedBy === "endpoint") return `${message} (check --base-url)`;
  const isUnexplained = verdict.blockedBy === "model" && !/model|deployment/i.test(message);
  return isUnexplained ? `${message} (check --base-url and --model)` : message;
}

function isRedirect(reply: Reply): boolean {
  return reply.status >= 300 && reply.status < 400;
}

/** Written out field by field: there is one for every call, and spreading a part of it took 4 us. */
function outcomeOf(
  { status, headers, body }: Reply,
  { dialect, wallMs, redact }: ClassifyContext,
  { kind, code, message }: Pick<Outcome, "kind" | "code" | "message">,
  answer: Answer | null,
): Outcome {
  return {
    kind,
    code,
    message,
    httpStatus: status,
    requestId: requestIdOf(headers, redact),
    retryAfterMs: null,
    blockedBy: null,
    quota: quotaReports(headers, dialect, wallMs),
    answer,
    costNanoUsd: null,
    raw: body,
  };
}

function requestIdOf(headers: ReplyHeaders, redact: Redact): string | null {
  for (const name of REQUEST_ID_HEADERS) {
    const id = header(headers, name);
    if (id !== null) return redact.error(id).slice(0, 200);
  }
  return null;
}

/** Undefined for what isn't JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
