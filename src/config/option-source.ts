import { kebab } from "../domain/kebab.ts";
import { nearest } from "../domain/nearest.ts";
import { isStructure } from "./option.ts";
import { RUN_OPTIONS, type RunOptionName } from "./run-options.ts";

/** Settings as they were given, by option name: unread text, a list where the flag repeats. */
export type GivenOptions = Readonly<Partial<Record<RunOptionName, string | readonly string[]>>>;

/** Where a setting may come from, the strongest first. */
export interface OptionSource {
  given: GivenOptions;
  /** What to call an option of this source in an error, e.g. `--rpm`, `LLM_BATCH_RPM`, `rpm in llm-batch.yaml`. */
  place(name: RunOptionName): string;
}

export const OPTION_NAMES = Object.keys(RUN_OPTIONS) as RunOptionName[];

const PREFIX = "LLM_BATCH_";
/** What Kubernetes sets in every pod beside a service named llm-batch. */
const OF_KUBERNETES = /^(SERVICE_(HOST|PORT)|PORT)(_|$)/;

/** `maxAttempts` -> `LLM_BATCH_MAX_ATTEMPTS`. */
function environmentName(name: string): string {
  return `${PREFIX}${kebab(name).replaceAll("-", "_").toUpperCase()}`;
}

/** The flags of a command line, as the parser gives them; flags of the command alone are left out. */
export function flagSource(flags: Readonly<Record<string, unknown>>): OptionSource {
  const found = OPTION_NAMES.filter((name) => flags[name] !== undefined).map((name) => {
    const value = flags[name];
    return [name, Array.isArray(value) ? value.map(String) : String(value)];
  });
  return { given: Object.fromEntries(found), place: (name) => `--${kebab(name)}` };
}

export function environmentSource(env: NodeJS.ProcessEnv): OptionSource {
  const found = OPTION_NAMES.flatMap((name) => {
    if (isStructure(RUN_OPTIONS[name])) return [];
    const value = env[environmentName(name)];
    return value === undefined || value === "" ? [] : [[name, value]];
  });
  return { given: Object.fromEntries(found), place: environmentName };
}

/** Variables that are none of ours, each with the one of ours it is most likely meant to be. */
export function misspelt(env: NodeJS.ProcessEnv): { name: string; meant: string }[] {
  const settings = OPTION_NAMES.filter((name) => !isStructure(RUN_OPTIONS[name])).map(environmentName);
  const known = [...settings, "LLM_BATCH_DB"].map((name) => name.slice(PREFIX.length));
  return Object.keys(env).flatMap((name) => {
    const word = name.slice(PREFIX.length);
    if (!name.startsWith(PREFIX) || known.includes(word) || OF_KUBERNETES.test(word)) return [];
    const near = nearest(word, known);
    return near === null ? [] : [{ name, meant: PREFIX + near }];
  });
}

/** The options a run was started with. */
export function storedSource(given: GivenOptions): OptionSource {
  return { given, place: (name) => `--${kebab(name)} of the stored run` };
}

/** Joins sources into one record of what was given: the strongest wins. */
export function mergeGiven(sources: readonly OptionSource[]): GivenOptions {
  return Object.assign({}, ...sources.map((source) => source.given).reverse());
}
