import { formatDuration } from "../../domain/duration.ts";

const GROUPED = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const SHORT = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
const UNKNOWN = "–";
/** Keeps a unit on the line of its number. */
const SPACE = "\u00a0";

export function count(value: number): string {
  return GROUPED.format(value);
}

/** `12.3K`, `4.56M`. */
export function short(value: number): string {
  return value < 1_000 ? GROUPED.format(value) : SHORT.format(value);
}

export function percent(share: number): string {
  if (!Number.isFinite(share)) return UNKNOWN;
  if (share > 0 && share < 0.001) return `<${SPACE}0.1${SPACE}%`;
  if (share > 0.999 && share < 1) return `>${SPACE}99.9${SPACE}%`;
  return `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)}${SPACE}%`;
}

/** `812 ms`, `1.43 s`, then as everywhere else. */
export function duration(ms: number | null): string {
  if (ms === null) return UNKNOWN;
  if (ms < 1_000) return `${Math.round(ms)}${SPACE}ms`;
  return ms < 60_000 ? `${(ms / 1_000).toPrecision(3)}${SPACE}s` : formatDuration(ms);
}

/** Null stands for a price that is unknown, which is never shown as 0. */
export function usd(value: number | null): string {
  if (value === null) return UNKNOWN;
  if (value === 0) return "$0";
  if (value < 0.01) return `$${value.toPrecision(2)}`;
  return `$${value < 1_000 ? value.toFixed(2) : GROUPED.format(value)}`;
}

export function orUnknown(value: number | null): string {
  return value === null ? UNKNOWN : count(value);
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

const DATE_TIME = new Intl.DateTimeFormat("sv", { dateStyle: "short", timeStyle: "medium" });
const TIME = new Intl.DateTimeFormat("sv", { timeStyle: "medium" });

/** The reader's own time zone: `2026-11-25 14:03:20`. */
export function dateTime(wallMs: number): string {
  return DATE_TIME.format(wallMs);
}

export function time(wallMs: number): string {
  return TIME.format(wallMs);
}
