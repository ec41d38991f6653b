import { formatDuration } from "../../domain/duration.ts";
import type { RunStatus } from "../../observe/status.ts";

/**
 * A run in one line, the most wanted first, since a narrow terminal cuts the end. The three figures that tell whether
 * it runs well are always there: how often limits bite, how deep the queue is, p95 with the wait.
 */
export function statusLine(status: RunStatus, wait: string | null): string {
  const { jobs, rate, total_ms, eta_seconds } = status;
  const done = jobs.succeeded + jobs.failed + jobs.cancelled;
  const parts = [
    `${done}/${jobs.total}`,
    jobs.failed > 0 ? `${jobs.failed} failed` : null,
    wait,
    eta_seconds === null ? null : `ETA ${formatDuration(eta_seconds * 1_000)}`,
    `${compact(rate.requests_per_minute)} req/min`,
    `429 ${percent(rate.throttle_ratio)}`,
    `queue ${compact(jobs.pending + jobs.running)}`,
    total_ms.p95 === null ? null : `p95 ${formatDuration(total_ms.p95)}`,
    `${compact(rate.tokens_per_minute)} tok/min`,
  ];
  return parts.filter((part) => part !== null).join("  ");
}

/** 950, 12.3k, 4.5M. */
export function compact(value: number): string {
  if (value < 1_000) return String(Math.round(value));
  if (value < 1_000_000) return `${trim(value / 1_000)}k`;
  return `${trim(value / 1_000_000)}M`;
}

export function percent(ratio: number): string {
  const value = ratio * 100;
  return `${value > 0 && value < 10 ? value.toFixed(1) : Math.round(value)}%`;
}

const trim = (value: number): string =>
  value < 100 ? value.toFixed(1).replace(/\.0$/, "") : String(Math.round(value));
