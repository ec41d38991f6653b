import type { Ration } from "../domain/history.ts";

/** A run that would take longer has no end that is worth telling. */
const LONGEST_MS = 365 * 86_400_000;

/** What the end of a run depends on. */
export interface Outlook {
  /** Rows that are still to be sent. */
  left: number;
  /** Rows done while calls flow; 0 while too few are to tell. */
  rowsPerMinute: number;
  /** Rows that the quotas per minute have room for; null where none is known. */
  mostPerMinute: number | null;
  /** Until calls flow again, 0 when they do; null when nobody knows. */
  holdMs: number | null;
  rations: readonly Ration[];
}

/** How long a run still takes; null while that can't be told. */
export function etaMs({ left, rowsPerMinute, mostPerMinute, holdMs, rations }: Outlook): number | null {
  if (left === 0) return 0;
  if (rowsPerMinute <= 0 || holdMs === null) return null;
  const perMs = Math.min(rowsPerMinute, mostPerMinute ?? rowsPerMinute) / 60_000;
  const ends = rations.map((ration) => endUnder(ration, left, perMs, holdMs));
  const known = ends.filter((end) => end !== null);
  if (known.length < ends.length) return null;
  return Math.max(holdMs + left / perMs, ...known);
}

/** Span by span: what the ration has room for, but no faster than the rows flow. */
function endUnder(ration: Ration, rows: number, perMs: number, holdMs: number): number | null {
  const { perSpan, spanMs } = ration;
  let left = rows;
  let from = holdMs;
  let room = Math.max(0, ration.left);
  let resetMs = ration.resetMs ?? from + spanMs;
  while (from < LONGEST_MS) {
    const doable = Math.min(room, Math.max(0, resetMs - from) * perMs);
    if (left <= doable) return from + left / perMs;
    left -= doable;
    from = Math.max(from, resetMs);
    room = perSpan;
    resetMs = from + spanMs;
  }
  return null;
}
