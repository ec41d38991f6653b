import { formatDuration } from "../domain/duration.ts";

/** A way to read a setting's text; throws a plain Error whose message says what is expected. */
type Parse<T> = (text: string) => T;

type OptionGroup = "input" | "request" | "speed" | "failure" | "bounds" | "output" | "storage";

/** One setting: its flag, its environment variable and its place in the config file, all from here. */
export interface Option<T> {
  group: OptionGroup;
  /** As commander takes it, e.g. `-c, --concurrency <n>`. */
  flags: string;
  description: string;
  /** What holds when nobody says anything. */
  fallback: T;
  /** Whether the flag may be given several times. */
  repeats: boolean;
  /** Reads one text, or all of them where the flag repeats. */
  read(texts: readonly string[]): T;
}

type Details = { group: OptionGroup; flags: string; description: string };

/** A setting with a value that holds even when it isn't given. */
export function option<T>(details: Details, parse: Parse<T>, fallback: T): Option<T> {
  return { ...details, fallback, repeats: false, read: ([text]) => parse(text ?? "") };
}

/** A setting that may be absent. */
export function optional<T>(details: Details, parse: Parse<T>): Option<T | null> {
  return option<T | null>(details, parse, null);
}

/** A flag that may be given several times, each `name=value`. */
export function pairs(details: Details): Option<readonly Pair[]> {
  return { ...details, fallback: [], repeats: true, read: (texts) => texts.map(pair) };
}

type Pair = readonly [name: string, value: string];

function pair(text: string): Pair {
  const at = text.indexOf("=");
  if (at < 1) throw new Error("expected name=value");
  return [text.slice(0, at), text.slice(at + 1)];
}

/** The default as a user would write it; null where nothing is set. */
export function fallbackText({ flags, fallback }: Option<unknown>): string | null {
  if (fallback === null || fallback === false || Array.isArray(fallback)) return null;
  if (flags.includes("<dur>")) return formatDuration(Number(fallback));
  if (flags.includes("<p%>")) return `${Number(fallback) * 100}%`;
  return String(fallback);
}
