import { spanText } from "../../domain/duration.ts";
import { grouped } from "../../domain/grouped.ts";
import { dollars } from "../../domain/nano-usd.ts";

/** As the summary and `status` write them. */
export { grouped as count } from "../../domain/grouped.ts";
export { percent, short } from "../../domain/numbers.ts";

const UNKNOWN = "–";

/** `812ms`, `1.4s`, `3m 20s`. */
export function duration(ms: number | null): string {
  return ms === null ? UNKNOWN : spanText(ms);
}

/** Null stands for a price that is unknown, which is never shown as 0. */
export function usd(value: number | null): string {
  return value === null ? UNKNOWN : dollars(value);
}

export function orUnknown(value: number | null): string {
  return value === null ? UNKNOWN : grouped(value);
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${grouped(value)} ${value === 1 ? one : many}`;
}

const DATE_TIME = new Intl.DateTimeFormat("sv", { dateStyle: "short", timeStyle: "medium" });

/** The reader's own time zone: `2026-11-25 14:03:20`. */
export function dateTime(wallMs: number): string {
  return DATE_TIME.format(wallMs);
}

const ZONE = new Intl.DateTimeFormat("en", { timeZoneName: "short" });

/** The reader's time zone as it was at a moment: `GMT+1`. */
export function zone(wallMs: number): string {
  return ZONE.formatToParts(wallMs).find(({ type }) => type === "timeZoneName")?.value ?? "";
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
