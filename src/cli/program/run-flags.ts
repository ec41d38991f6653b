import { type Command, Option } from "commander";
import {
  fallbackText,
  isStructure,
  type OptionGroup,
  type Option as RunOption,
} from "../../config/option.ts";
import { RUN_OPTIONS, type RunOptionName } from "../../config/run-options.ts";
import { AS_STARTED, OPTION_GROUPS } from "./help.ts";

export const ALL_NAMES = Object.keys(RUN_OPTIONS) as RunOptionName[];
/** Options that `resume` and `retry` may change: they say how fast and how long, not what is sent. */
export const PACE_NAMES = inGroups("speed", "failure", "bounds", "money", "output", "storage").filter(
  (name) => name !== "maxRequestTokens",
);
/** Options that a worker may set for itself: they say how it works, not what is sent or when a run ends. */
export const WORK_NAMES = inGroups("speed", "failure");
const PLAN_GROUPS = inGroups("input", "request", "endpoints", "speed", "money");
const PLAN_BOUNDS: readonly RunOptionName[] = ["maxCost", "maxRequestTokens"];
export const PLAN_NAMES = ALL_NAMES.filter(
  (name) => PLAN_GROUPS.includes(name) || PLAN_BOUNDS.includes(name),
);
export const DOCTOR_NAMES: readonly RunOptionName[] = ["provider", "baseUrl", "model", "apiKeyEnv"];

/** The flags of a command that resumes a run, without defaults: what isn't given stays as the run has it. */
export function storedFlags(command: Command, names: readonly RunOptionName[]): Command {
  return runFlags(command, names, () => null).addHelpText("after", AS_STARTED);
}

/** Lets a command take all flags of a run, so that it can stand in the place of `run`; its help tells those that count. */
export function allFlags(command: Command, counting: readonly RunOptionName[]): Command {
  runFlags(command, counting);
  const before = command.options.length;
  runFlags(
    command,
    ALL_NAMES.filter((name) => !counting.includes(name)),
  );
  for (const flag of command.options.slice(before)) flag.hideHelp();
  return command;
}

/** Gives a command flags of a run. Their values stay text: every source of settings is read by the same code. */
export function runFlags(
  command: Command,
  names: readonly RunOptionName[],
  defaultOf: (option: RunOption<unknown>) => string | null = fallbackText,
): Command {
  for (const name of names) {
    const option = RUN_OPTIONS[name];
    if (isStructure(option)) continue;
    const fallback = defaultOf(option);
    const flag = new Option(
      option.flags,
      `${option.description}${fallback ? ` (default: ${fallback})` : ""}`,
    );
    flag.helpGroup(OPTION_GROUPS[option.group]);
    if (option.repeats) flag.argParser((value: string, before?: string[]) => [...(before ?? []), value]);
    command.addOption(flag);
  }
  return command;
}

function inGroups(...groups: readonly OptionGroup[]): RunOptionName[] {
  return ALL_NAMES.filter((name) => groups.includes(RUN_OPTIONS[name].group));
}
