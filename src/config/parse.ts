import type { Limit } from "../control/limits.ts";
import { parseDuration } from "../domain/duration.ts";
import { NANO_USD_PER_USD } from "../domain/nano-usd.ts";

/** The readers of option values. Each throws an Error that says what was expected. */

export const text = (value: string): string => value;

export function flag(value: string): boolean {
  if (value === "true") return true;
  if (value === "false") return false;
  throw new Error("expected true or false");
}

export function oneOf<const T extends readonly string[]>(
  ...choices: T
): ((value: string) => T[number]) & { choices: T } {
  const read = (value: string): T[number] => {
    if (!choices.includes(value)) throw new Error(`expected one of ${choices.join(", ")}`);
    return value;
  };
  return Object.assign(read, { choices });
}

/** A whole number, at least `least`; `1_000` and `1,000` read as 1000. */
export function count(least = 1): (value: string) => number {
  return (value) => {
    const number = Number(value.replace(/(?<=\d)[_,](?=\d{3})/g, ""));
    if (!/\d$/.test(value) || !Number.isSafeInteger(number) || number < least) {
      throw new Error(`expected a whole number, ${least} or more`);
    }
    return number;
  };
}

const MOST_PORT = 65_535;

/** A TCP port to listen on; 0 stands for any free one. */
export function port(value: string): number {
  if (!/^\d+$/.test(value) || Number(value) > MOST_PORT)
    throw new Error(`expected a port, 0 to ${MOST_PORT}`);
  return Number(value);
}

/** Names with commas between them: `a,b`. */
export function names(value: string): readonly string[] {
  const found = value.split(",").map((name) => name.trim());
  if (found.some((name) => name === "")) throw new Error("expected names with commas between them");
  return found;
}

/** The separator of a CSV's fields; `tab` and `\\t` stand for what is hard to type. */
export function delimiter(value: string): string {
  const char = value === "tab" || value === "\\t" ? "\t" : value;
  if (/^[^"\r\n\ud800-\udfff]$/.test(char)) return char;
  throw new Error("expected one character other than a quote, or tab");
}

export function decimal(value: string): number {
  const number = Number(value);
  if (value.trim() === "" || !Number.isFinite(number)) throw new Error("expected a number");
  return number;
}

/** An amount of money like `5`, `0.25` or `1_000`, as whole nano-USD. */
export function usd(value: string): number {
  const digits = value.replace(/(?<=\d)[_,](?=\d{3})/g, "");
  const nanoUsd = Math.round(Number(digits) * NANO_USD_PER_USD);
  if (!/^(\d+(\.\d+)?|\.\d+)$/.test(digits) || !Number.isSafeInteger(nanoUsd) || nanoUsd <= 0) {
    throw new Error("expected an amount in USD above 0, like 5 or 0.25");
  }
  return nanoUsd;
}

/** Whole milliseconds, a part of one rounded up: the job table takes no other. */
export function duration(value: string): number {
  const ms = parseDuration(value);
  if (ms === null || ms <= 0) throw new Error("expected a duration like 500ms, 30s, 10m or 2h");
  return Math.ceil(ms);
}

export function limit(value: string): Limit {
  return value === "auto" ? "auto" : count()(value);
}

const MOST_CALLS = 100_000;

/** Calls in flight: as many sockets, so beyond a bound it can only be a slip of the keyboard. */
export function concurrency(value: string): Limit {
  const calls = limit(value);
  if (calls !== "auto" && calls > MOST_CALLS) throw new Error(`expected no more than ${MOST_CALLS}`);
  return calls;
}

/** `50%` as 0.5. */
export function share(value: string): number {
  const match = /^(\d+(?:\.\d+)?)%$/.exec(value);
  const number = Number(match?.[1]) / 100;
  if (!(number > 0 && number <= 1)) throw new Error("expected a percentage above 0% and up to 100%");
  return number;
}

/** Rows, or a share of all rows. */
export function failures(value: string): { rows: number } | { share: number } {
  return value.endsWith("%") ? { share: share(value) } : { rows: count(0)(value) };
}

/** `3:10`, `3:` or `:10`; 1-based record numbers, both ends included. */
export function range(value: string): { from: number; to: number } {
  const match = /^(\d*):(\d*)$/.exec(value);
  const from = Number(match?.[1] || 1);
  const to = match?.[2] ? Number(match[2]) : Number.POSITIVE_INFINITY;
  if (!match || value === ":" || from < 1 || to < from) {
    throw new Error("expected a range of record numbers like 1:100, 5: or :20");
  }
  return { from, to };
}
