import { badRows } from "../../app/bad-rows.ts";
import { etaMs } from "../../observe/eta.ts";
import { limitOf, REQUEST_DIMENSIONS, TOKEN_DIMENSIONS } from "../../observe/limit.ts";
import { hasAnswers, type Look, type RunStatus } from "../../observe/status.ts";

/** What the user sees of a run in motion. */
export interface Sight {
  done: number;
  total: number;
  failed: number;
  /** Rows that aren't done: the depth of the queue. */
  left: number;
  etaMs: number | null;
  requests: Rate;
  tokens: Rate;
  /** Share of the calls that a limit refused. */
  throttleRatio: number;
  /** With the wait for a limit or the breaker in it. */
  p95Ms: number | null;
  /** Null where the price of an answer is unknown, and before the first answer. */
  cost: Cost | null;
  activity: Activity;
}

export interface Rate {
  perMinute: number;
  /** The quota in force; null where none is known. */
  limit: number | null;
}

interface Cost {
  usd: number;
  /** What the whole run will have cost if its other rows are like those that are done; null where nothing was paid. */
  forecastUsd: number | null;
}

/** What a run does now, or what it waits for. */
export interface Activity {
  text: string;
  isHeld: boolean;
}

export function sightOf(look: Look, activity: Activity): Sight {
  const { status, outlook, endpoints } = look;
  const { jobs, rate, total_ms } = status;
  const done = jobs.succeeded + jobs.failed + jobs.cancelled;
  return {
    done,
    total: jobs.total,
    failed: jobs.failed,
    left: jobs.pending + jobs.running,
    etaMs: etaMs(outlook),
    requests: { perMinute: rate.requests_per_minute, limit: limitOf(endpoints, REQUEST_DIMENSIONS) },
    tokens: {
      perMinute: rate.tokens_per_minute,
      limit: limitOf(endpoints, TOKEN_DIMENSIONS),
    },
    throttleRatio: rate.throttle_ratio,
    p95Ms: total_ms.p95,
    cost: hasAnswers(status) ? costOf(status, outlook.left) : null,
    activity,
  };
}

/**
 * Takes rows that are still to be sent to cost what those that were sent did. Bad rows and those that took over an answer cost
 * nothing.
 */
function costOf({ cost_usd: usd, attempts, jobs, failures }: RunStatus, leftToSend: number): Cost | null {
  if (usd === null) return null;
  const sent = attempts.succeeded + jobs.failed - badRows(failures);
  return { usd, forecastUsd: sent > 0 && usd > 0 ? usd + (usd / sent) * leftToSend : null };
}
