import { formatDuration } from "../domain/duration.ts";

/** A way to read a setting's text; throws a plain Error whose message says what is expected. */
type Parse<T> = ((text: string) => T) & { readonly choices?: readonly string[] };

export type OptionGroup =
  | "input"
  | "request"
  | "endpoints"
  | "speed"
  | "failure"
  | "bounds"
  | "money"
  | "output"
  | "sharing"
  | "storage";

/** One setting: its flag, its environment variable and its place in the config file, all from here. */
export interface Option<T> {
  group: OptionGroup;
  /** As commander takes it, e.g. `-c, --concurrency <n>`; the name alone where only the config file has it. */
  flags: string;
  description: string;
  /** The value where no source gives one. */
  fallback: T;
  /** Whether the flag may be given several times. */
  repeats: boolean;
  /** The values there are, where they are a few words; else empty. */
  choices: readonly string[];
  /** Reads one text, or all of them where the flag repeats. */
  read(texts: readonly string[]): T;
}

type Details = { group: OptionGroup; flags: string; description: string };

/** A setting with a value that holds even when it isn't given. */
export function option<T>(details: Details, parse: Parse<T>, fallback: T): Option<T> {
  const { choices = [] } = parse;
  return { ...details, fallback, repeats: false, choices, read: ([text]) => parse(text ?? "") };
}

/** A setting that may be absent. */
export function optional<T>(details: Details, parse: Parse<T>): Option<T | null> {
  return option<T | null>(details, parse, null);
}

/** A setting that only the config file has, since it is more than one value: it comes as JSON text. */
export function structure<T>(details: Details, parse: Parse<T>, fallback: T): Option<T> {
  return option(details, parse, fallback);
}

/** Whether a setting has no flag and no environment variable: its `flags` name none. */
export function isStructure({ flags }: Option<unknown>): boolean {
  return !flags.startsWith("-");
}

/** A flag that may be given several times, each `name=value`. */
export function pairs(details: Details): Option<readonly Pair[]> {
  return { ...details, fallback: [], repeats: true, choices: [], read: (texts) => texts.map(pair) };
}

type Pair = readonly [name: string, value: string];

function pair(text: string): Pair {
  const at = text.indexOf("=");
  if (at < 1) throw new Error("expected name=value");
  return [text.slice(0, at), text.slice(at + 1)];
}

/** The default as a user would write it; null where nothing is set. */
export function fallbackText(option: Option<unknown>): string | null {
  const { flags, fallback } = option;
  if (isStructure(option) || fallback === null || fallback === false || Array.isArray(fallback)) return null;
  if (flags.includes("<dur>")) return formatDuration(Number(fallback));
  if (flags.includes("<p%>")) return `${Number(fallback) * 100}%`;
  return String(fallback);
}
