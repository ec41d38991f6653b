const DAY_MS = 86_400_000;
/** A run that would take longer has no end that is worth telling. */
const MOST_DAYS = 365;

/** A quota per day, in rows. */
export interface DayRows {
  /** Rows that it still has room for. */
  left: number;
  /** Rows that it has room for once it is whole again. */
  perDay: number;
  /** Until it is whole again; null while nothing of it is used. */
  resetMs: number | null;
}

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
  days: readonly DayRows[];
}

/** How long a run still takes; null while that can't be told. */
export function etaMs({ left, rowsPerMinute, mostPerMinute, holdMs, days }: Outlook): number | null {
  if (left === 0) return 0;
  if (rowsPerMinute <= 0 || holdMs === null) return null;
  const perMs = Math.min(rowsPerMinute, mostPerMinute ?? rowsPerMinute) / 60_000;
  const ends = days.map((day) => endUnder(day, left, perMs, holdMs));
  const known = ends.filter((end) => end !== null);
  if (known.length < ends.length) return null;
  return Math.max(holdMs + left / perMs, ...known);
}

/** Day by day: what the quota has room for, but no faster than the rows flow. */
function endUnder(day: DayRows, rows: number, perMs: number, holdMs: number): number | null {
  let left = rows;
  let from = holdMs;
  let room = Math.max(0, day.left);
  let resetMs = day.resetMs ?? from + DAY_MS;
  for (let passed = 0; passed < MOST_DAYS; passed++) {
    const doable = Math.min(room, Math.max(0, resetMs - from) * perMs);
    if (left <= doable) return from + left / perMs;
    left -= doable;
    from = Math.max(from, resetMs);
    room = day.perDay;
    resetMs = from + DAY_MS;
  }
  return null;
}
