import { parseDuration } from "../domain/duration.ts";
import { HINT_FORMS, type HintForm } from "./retry-hint.ts";
import { type ErrorName, isErrorName } from "./simulated-error.ts";
import { parseSpan, type Span } from "./span.ts";

/** A 200 whose delivery or body is wrong, or a reply that never comes. */
const BROKEN_REPLIES = [
  "hang",
  "reset",
  "reset-body",
  "slow",
  "truncated",
  "non-json",
  "empty",
  "wrong-type",
  "cut",
  "invalid",
] as const;

type BrokenReply = (typeof BROKEN_REPLIES)[number];

/** What goes wrong with a call. */
export type Fault = { kind: BrokenReply; overMs: number } | ErrorFault;

/** An error reply. */
export interface ErrorFault {
  kind: "error";
  error: ErrorName | number;
  /** Whether it comes under the status 200. */
  in200: boolean;
  /** When to come back: null for no word of it. */
  retry: { form: HintForm | null; afterMs: number } | null;
}

/** When a fault strikes. */
export interface FaultRule {
  /** The name it is counted under. */
  name: string;
  fault: Fault;
  /** Share of the calls it can strike, 0 to 1. */
  rate: number;
  span: Span;
  /** Only prompts that contain this text; empty for all. */
  match: string;
  /** Only the first so many calls of a prompt. */
  times: number;
}

const FIELDS = ["rate", "from", "to", "match", "times", "status", "hint", "after", "over"] as const;
type Field = (typeof FIELDS)[number];
type Fields = Partial<Record<Field, string>>;

/** A new field begins only at `:name=`, so that the text of `match` may hold colons. */
const FIELD_START = new RegExp(`:(?=(?:${FIELDS.join("|")})=)`);

/**
 * Reads `KIND[:field=value]…`. KIND is a status (`429`, `503`), `status` with a field `status`, the name of an error, a
 * broken reply, or `error-in-200`. A field that says nothing about this kind is an error.
 */
export function parseFaultRule(text: string): FaultRule | null {
  const [kind, ...parts] = text.split(FIELD_START) as [string, ...string[]];
  const { rate, from, to, match, times, ...rest } = splitFields(parts);
  const fault = parseFault(kind, rest);
  const share = rate === undefined ? 1 : parsePercent(rate);
  const span = parseSpan(from, to);
  const calls = times === undefined ? Infinity : parseCount(times);
  if (!fault || share === null || !span || calls === null) return null;
  const name = kind === "status" ? rest.status! : kind;
  return { name, fault, rate: share, span, match: match ?? "", times: calls };
}

function splitFields(parts: readonly string[]): Fields {
  const fields: Fields = {};
  for (const part of parts) {
    const at = part.indexOf("=");
    fields[part.slice(0, at) as Field] = part.slice(at + 1);
  }
  return fields;
}

/** Reads `1%` or `0.5%` as a share. */
export function parsePercent(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)%$/.exec(text);
  const share = match ? Number(match[1]) / 100 : null;
  return share !== null && share <= 1 ? share : null;
}

/** Reads a whole number from 1. */
export function parseCount(text: string): number | null {
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
}

function parseFault(kind: string, fields: Fields): Fault | null {
  if (!Object.keys(fields).every((field) => fieldsOf(kind).includes(field as Field))) return null;
  const broken = BROKEN_REPLIES.find((reply) => reply === kind);
  if (!broken) return parseErrorFault(kind, fields);
  const overMs = parseDuration(fields.over ?? "10s");
  return overMs === null ? null : { kind: broken, overMs };
}

/** The fields that only some kinds have. */
function fieldsOf(kind: string): readonly Field[] {
  if (kind === "slow") return ["over"];
  if ((BROKEN_REPLIES as readonly string[]).includes(kind)) return [];
  return kind === "status" || kind === "error-in-200" ? ["status", "hint", "after"] : ["hint", "after"];
}

function parseErrorFault(kind: string, fields: Fields): ErrorFault | null {
  const in200 = kind === "error-in-200";
  const told = in200 ? (fields.status ?? "500") : kind === "status" ? (fields.status ?? "") : kind;
  const error = parseError(told);
  const retry = parseRetry(fields, told === "429");
  return error === null || retry === undefined ? null : { kind: "error", error, in200, retry };
}

/** Undefined when a field isn't of its form. */
function parseRetry(fields: Fields, always: boolean): ErrorFault["retry"] | undefined {
  if (!always && fields.hint === undefined && fields.after === undefined) return null;
  const form = fields.hint === undefined ? null : HINT_FORMS.find((candidate) => candidate === fields.hint);
  const afterMs = parseDuration(fields.after ?? "1s");
  return form === undefined || afterMs === null ? undefined : { form, afterMs };
}

function parseError(text: string): ErrorName | number | null {
  if (isErrorName(text)) return text;
  return /^[45]\d\d$/.test(text) ? Number(text) : null;
}
