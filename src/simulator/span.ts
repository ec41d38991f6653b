import { parseDuration } from "../domain/duration.ts";

/** A part of the rehearsal: by time since its start, or by the number of the call, counted from 1. */
export interface Span {
  unit: "ms" | "calls";
  from: number;
  /** For calls the last one inside, for time the first moment outside. */
  to: number;
}

/** Where a rehearsal stands. */
export interface Progress {
  elapsedMs: number;
  /** The number of the call at hand. */
  call: number;
}

export function isWithin(span: Span, { elapsedMs, call }: Progress): boolean {
  if (span.unit === "calls") return call >= span.from && call <= span.to;
  return elapsedMs >= span.from && elapsedMs < span.to;
}

/** Reads the ends of a span, durations or plain call numbers; an end that is not given is open. */
export function parseSpan(from: string | undefined, to: string | undefined): Span | null {
  const unit = [from, to].every((end) => end === undefined || /^\d+$/.test(end)) ? "calls" : "ms";
  const parse: (end: string) => number | null = unit === "calls" ? Number : parseDuration;
  const start = from === undefined ? 0 : parse(from);
  const end = to === undefined ? Infinity : parse(to);
  return start === null || end === null || start > end ? null : { unit, from: start, to: end };
}
