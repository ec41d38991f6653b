import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { LlmBatchError } from "../domain/errors.ts";
import { fileTrouble } from "../domain/file-error.ts";
import { kebab } from "../domain/kebab.ts";
import { nearest } from "../domain/nearest.ts";
import { isStructure, type Option } from "./option.ts";
import { OPTION_NAMES, type OptionSource } from "./option-source.ts";
import { RUN_OPTIONS } from "./run-options.ts";

/** Read without being named where it is in the working folder. */
export const DEFAULT_PATH = "llm-batch.yaml";
const NAMES = new Map(OPTION_NAMES.map((name) => [kebab(name), name]));

/**
 * Reads the config file: a map of flag names without dashes to values. Without `path`, `llm-batch.yaml` in the working
 * folder is read if it is there.
 * @throws LlmBatchError CONFIG_UNREADABLE, BAD_CONFIG
 */
export function configSource(path: string | null): OptionSource {
  const file = path ?? DEFAULT_PATH;
  const text = readConfig(file, path === null);
  const given = text === null ? {} : Object.fromEntries(entries(text, file));
  return { given, place: (name) => `${kebab(name)} in ${file}` };
}

function readConfig(file: string, mayBeAbsent: boolean): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    if (mayBeAbsent && (cause as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new LlmBatchError({
      code: "CONFIG_UNREADABLE",
      message: `${file}: can't be read: ${fileTrouble(cause)}`,
      hint: mayBeAbsent
        ? "it is looked for in the working folder: make it readable, go to another folder, or name one with --config"
        : "check the path given with --config",
      cause,
    });
  }
}

function entries(text: string, file: string): [string, string | string[]][] {
  const data = parseYaml(text, file);
  if (data === null) return [];
  if (typeof data !== "object" || Array.isArray(data)) throw bad(file, "expected a map of settings");
  return Object.entries(data).map(([key, value]) => {
    const name = NAMES.get(key);
    if (!name) throw unknown(file, key);
    if (isStructure(RUN_OPTIONS[name])) return [name, JSON.stringify(value)];
    return [name, texts(value, RUN_OPTIONS[name], `${file}: ${key}`)];
  });
}

function parseYaml(text: string, file: string): unknown {
  // Loaded only where there is a file: that takes 40 ms.
  const { parse } = createRequire(import.meta.url)("yaml") as typeof import("yaml");
  try {
    return parse(text);
  } catch (cause) {
    const [what = "is not YAML"] = (cause as Error).message.split("\n");
    throw bad(file, what.replace(/:$/, ""), "mend it there; text with special characters stands in quotes");
  }
}

/** A scalar is one text; a list is one with commas; where the flag repeats, a map is `name=value` texts. */
function texts(value: unknown, { flags, repeats }: Option<unknown>, place: string): string | string[] {
  if (value === "" && !flags.startsWith("--system "))
    throw bad(place, "is empty", "give it a value, or leave it out");
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value) && flags.includes("<names>")) return value.join(",");
  if (value === null || typeof value !== "object" || Array.isArray(value) || !repeats) {
    throw bad(place, repeats ? "expected a map of names to values" : "expected one value");
  }
  return Object.entries(value).map(
    ([key, item]) => `${key}=${typeof item === "string" ? item : JSON.stringify(item)}`,
  );
}

/** Other tools take a key from their config file, so that one has a hint of its own. */
function unknown(file: string, key: string): LlmBatchError {
  const close = nearest(key, [...NAMES.keys()]);
  const message = `unknown setting "${key}"${close ? `, did you mean "${close}"?` : ""}`;
  if (!/^(api-?)?key$/i.test(key)) return bad(file, message);
  return bad(file, message, "keys stay in the environment or an --env-file; api-key-env names the variable");
}

function bad(
  place: string,
  message: string,
  hint = "the settings are the flags of `llm-batch run --help`, without the dashes",
): LlmBatchError {
  return new LlmBatchError({ code: "BAD_CONFIG", message: `${place}: ${message}`, hint });
}
