import {
  coarsened,
  type HistorySpan,
  joined,
  type Pace,
  readSpan,
  SPANS_OF_A_LENGTH,
  spanStart,
  spanText,
} from "../domain/history.ts";

/** A span as it is stored. */
export interface SpanRow {
  at: number;
  length_ms: number;
  span: string;
}

/** How many of the newest spans of a length stay as they are when there are too many. */
export const KEPT_SPANS = SPANS_OF_A_LENGTH / 2;

export function spanOf({ at, length_ms, span }: SpanRow): HistorySpan {
  return readSpan(at, length_ms, span);
}

/** The pace at the end of a span; null where there is no span. */
export function paceOf(row: Pick<SpanRow, "span"> | undefined): Pace | null {
  return row ? spanOf({ at: 0, length_ms: 0, ...row }).pace : null;
}

/** What stands for a span from now: what was there already is joined to it. */
export function addedTo(before: SpanRow | undefined, span: HistorySpan): string {
  return spanText(before ? joined(spanOf(before), span) : span);
}

/** Where those that stay begin, so that no half of a pair does. */
export function keptFrom(newestButKept: number, lengthMs: number): number {
  return spanStart(newestButKept, lengthMs * 2);
}

/** What the older ones become. */
export function pairsOf(older: readonly SpanRow[]): HistorySpan[] {
  return coarsened(older.map(spanOf).sort((a, b) => a.at - b.at));
}
