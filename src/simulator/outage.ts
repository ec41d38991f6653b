import { isWithin, type Progress, parseSpan, type Span } from "./span.ts";

/** What calls get during an outage: a 5xx status, or a connection that is reset. */
export type OutageForm = number | "reset";

/** An outage that is planned for a part of the rehearsal. */
export interface Outage {
  span: Span;
  form: OutageForm;
}

/** Reads `30s-90s` or `calls:100-140`, with `:reset` or `:STATUS` after it where it isn't to be a 503. */
export function parseOutage(text: string): Outage | null {
  const match = /^(calls:)?([^-:]+)-([^-:]+)(?::(.+))?$/.exec(text);
  if (!match) return null;
  const span = parseSpan(match[2], match[3]);
  const form = match[4] === undefined ? 503 : parseOutageForm(match[4]);
  const saysCalls = match[1] !== undefined;
  return span && form !== null && (span.unit === "calls") === saysCalls ? { span, form } : null;
}

export function parseOutageForm(text: string): OutageForm | null {
  if (text === "reset") return "reset";
  return /^5\d\d$/.test(text) ? Number(text) : null;
}

/** The outage a call falls into, if any. */
export function findOutage(outages: readonly Outage[], progress: Progress): OutageForm | null {
  return outages.find(({ span }) => isWithin(span, progress))?.form ?? null;
}
