import type { Argument, Command, Option } from "commander";
import { RUN_OPTIONS } from "../../config/run-options.ts";

/** What may stand for a value: names of files, ids of runs, one of a few words, or whatever the user likes. */
export type Values = "files" | "runs" | "anything" | readonly string[];

export interface FlagWords {
  /** As typed, the short one first: `-o`, `--output`. */
  names: readonly string[];
  description: string;
  /** Null for a flag that takes none. */
  values: Values | null;
  repeats: boolean;
}

export interface ArgumentWords {
  name: string;
  values: Values;
  /** Whether it takes all that follow. */
  repeats: boolean;
}

export interface CommandWords {
  name: string;
  description: string;
  flags: readonly FlagWords[];
  args: readonly ArgumentWords[];
}

/** Every word of the command line. */
export interface ProgramWords {
  name: string;
  /** Flags that stand with every command, and before it. */
  flags: readonly FlagWords[];
  commands: readonly CommandWords[];
}

const HELP: FlagWords = {
  names: ["-h", "--help"],
  description: "show help",
  values: null,
  repeats: false,
};

const ARGUMENT_VALUES: Readonly<Record<string, Values>> = { run: "runs", input: "files", dir: "files" };

/** Reads the words off the program itself, so that no command or flag can be forgotten. */
export function wordsOf(program: Command): ProgramWords {
  const commands = program.createHelp().visibleCommands(program);
  return {
    name: program.name(),
    flags: [...program.options.map(flagWords), HELP],
    commands: commands.map((command) => ({
      name: command.name(),
      description: command.description(),
      flags: command.options.map(flagWords),
      args: command.registeredArguments.map(argumentWords),
    })),
  };
}

function flagWords(option: Option): FlagWords {
  const { short, long, description, flags, variadic, parseArg } = option;
  const names = [short, long].filter((name) => name !== undefined);
  const takesValue = option.required || option.optional;
  const repeats = variadic || (takesValue && parseArg !== undefined && !option.argChoices);
  return { names, description, values: takesValue ? flagValues(option, flags) : null, repeats };
}

function flagValues(option: Option, flags: string): Values {
  if (option.argChoices) return option.argChoices;
  const setting = Object.entries(RUN_OPTIONS).find(([name]) => name === option.attributeName())?.[1];
  if (setting && setting.choices.length > 0) return setting.choices;
  return flags.includes("<file>") ? "files" : "anything";
}

function argumentWords(argument: Argument): ArgumentWords {
  const values = argument.argChoices ?? ARGUMENT_VALUES[argument.name()] ?? "anything";
  return { name: argument.name(), values, repeats: argument.variadic };
}
