import type { QuotaView } from "../control/limiter/view.ts";
import type { Pace, Ration } from "../domain/history.ts";
import type { RunFigures } from "../domain/run.ts";
import { holdOf, type SeenEndpoint } from "./endpoints.ts";
import type { Outlook } from "./eta.ts";
import { limitOf, REQUEST_DIMENSIONS, TOKEN_DIMENSIONS } from "./limit.ts";

const DAY_MS = 86_400_000;

/** What a run's end depends on, as it stands. */
export function outlookOf(figures: RunFigures, endpoints: readonly SeenEndpoint[]): Outlook {
  const { pace } = figures;
  return {
    left: leftToSend(figures),
    rowsPerMinute: pace?.rowsPerMinute ?? 0,
    mostPerMinute: pace && mostRows(endpoints, pace),
    holdMs: holdWith(pace?.retryMs ?? 0, endpoints),
    rations: pace ? [...daysOf(endpoints, pace), ...(pace.rations ?? [])] : [],
  };
}

/**
 * Rows that aren't done and have a call of their own. Twins take no call, and many of them end at once, which says nothing of the
 * other rows. How many of them are left is not on record, but each answer so far was that of a row of its own. A failure counts as
 * one, whatever twins it had.
 */
export function leftToSend({
  jobs,
  attempts,
  shared,
}: Pick<RunFigures, "jobs" | "attempts" | "shared">): number {
  const left = jobs.pending + jobs.running;
  if (shared.dedupe === 0 || left === 0) return left;
  const own = jobs.total - shared.dedupe - shared.reuse;
  const toSend = own - attempts.succeeded - jobs.failed - jobs.cancelled;
  return Math.min(left, Math.max(toSend, jobs.running, 1));
}

function mostRows(endpoints: readonly SeenEndpoint[], { callsPerRow, tokensPerRow }: Pace): number | null {
  const perMinute = [
    [limitOf(endpoints, REQUEST_DIMENSIONS), callsPerRow],
    [limitOf(endpoints, TOKEN_DIMENSIONS), tokensPerRow],
  ] as const;
  const rows = perMinute.flatMap(([limit, units]) => (limit === null || units === 0 ? [] : [limit / units]));
  return rows.length === 0 ? null : Math.min(...rows);
}

/** Milliseconds until calls go out, also when rows wait for their next try; null when nobody knows. */
function holdWith(retryMs: number, endpoints: readonly SeenEndpoint[]): number | null {
  const holdMs = holdOf(endpoints);
  return holdMs === null ? null : Math.max(holdMs, retryMs);
}

/** With several endpoints nobody knows who gets which row: the quotas of a day then say nothing of the whole. */
function daysOf(endpoints: readonly SeenEndpoint[], pace: Pace): Ration[] {
  const [only] = endpoints;
  if (only === undefined || endpoints.length > 1) return [];
  return only.quotas.filter(({ per }) => per === "day").map((quota) => rationOf(quota, pace, only.at));
}

function rationOf(
  { dimension, level, limit, resetAt }: QuotaView,
  { callsPerRow, tokensPerRow }: Pace,
  at: number,
): Ration {
  const units = Math.max(dimension === "requests" ? callsPerRow : tokensPerRow, Number.MIN_VALUE);
  const resetMs = resetAt === null ? null : Math.max(0, resetAt - at);
  return { left: level / units, perSpan: limit / units, spanMs: DAY_MS, resetMs };
}
