import { formatDuration } from "../../domain/duration.ts";
import { dollars } from "../../domain/nano-usd.ts";

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

/** No 0 and no 100 for what only comes near it. */
export function percent(share: number): string {
  if (!Number.isFinite(share)) return UNKNOWN;
  if (share > 0 && share < 0.001) return `<${SPACE}0.1${SPACE}%`;
  if (share > 0.999 && share < 1) return `>${SPACE}99.9${SPACE}%`;
  const isNearEnd = (share > 0 && share < 0.1) || (share > 0.99 && share < 1);
  return `${(share * 100).toFixed(isNearEnd ? 1 : 0)}${SPACE}%`;
}

/** `812 ms`, `1.43 s`, then as everywhere else. */
export function duration(ms: number | null): string {
  if (ms === null) return UNKNOWN;
  if (ms < 1_000) return `${Math.round(ms)}${SPACE}ms`;
  return ms < 60_000 ? `${(ms / 1_000).toPrecision(3)}${SPACE}s` : formatDuration(ms);
}

/** Null stands for a price that is unknown, which is never shown as 0. */
export function usd(value: number | null): string {
  return value === null ? UNKNOWN : dollars(value);
}

export function orUnknown(value: number | null): string {
  return value === null ? UNKNOWN : count(value);
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

const DATE_TIME = new Intl.DateTimeFormat("sv", { dateStyle: "short", timeStyle: "medium" });

/** The reader's own time zone: `2026-11-25 14:03:20`. */
export function dateTime(wallMs: number): string {
  return DATE_TIME.format(wallMs);
}

/** A moment among others: the day is left out where it is the same for all. */
export function momentAmong(wallMs: number, first: number, last: number): string {
  const [day, time = ""] = dateTime(wallMs).split(" ");
  const isOneDay = [first, last].every((other) => dateTime(other).startsWith(`${day} `));
  return isOneDay ? time : `${day} ${time}`;
}

const MIDNIGHT = "00:00:00";

/** Moments of an axis by their times of day, midnight by the day that begins. Of those that read alike the first is told. */
export function ticks(wallMs: readonly number[]): (string | null)[] {
  const texts = wallMs.map((at) => {
    const [date = "", time = ""] = dateTime(at).split(" ");
    return time === MIDNIGHT ? date.slice("2026-".length) : time;
  });
  return texts.map((text, at) => (text === texts[at - 1] ? null : text));
}
