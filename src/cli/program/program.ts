import { Command, CommanderError } from "commander";
import { ExitCode } from "../../domain/errors.ts";
import { VERSION } from "../../version.ts";
import type { CliContext } from "../context.ts";
import { usageError, withFlagsInHint } from "../errors.ts";
import { type MakeCommand, makeCommands } from "./command-list.ts";
import { refuseEmpty } from "./empty-values.ts";
import { loadEnvFile } from "./env-file.ts";
import { globalOptions, globalsOf } from "./globals.ts";
import { explain, welcome } from "./help.ts";

/**
 * Parses the command line and runs the command it names.
 * @throws LlmBatchError USAGE for unknown commands, flags and missing arguments
 */
export async function runProgram(argv: readonly string[], context: CliContext): Promise<ExitCode> {
  let exitCode: ExitCode = ExitCode.ok;
  const program = buildProgram(context, (code) => {
    exitCode = code;
  });
  if (argv.length === 0) {
    context.stderr.write(welcome(program));
    return ExitCode.usage;
  }
  let command = "";
  program.hook("preSubcommand", (_, subcommand) => {
    command = subcommand.name();
  });
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const usage = usageError(error, command);
    if (usage) throw usage;
  }
  return exitCode;
}

/** The whole command line; `done` gets what the command exits with. */
export function buildProgram(context: CliContext, done: (code: ExitCode) => void): Command {
  const program = globalOptions(new Command("llm-batch"))
    .description("Send every row of a file through an LLM API: as fast as it allows, durable, resumable.")
    .version(VERSION, "--version")
    .helpOption("-h, --help", "show help")
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ writeOut: (text) => context.stdout.write(text), writeErr: () => {} });

  const make: MakeCommand = (usage, description, load, hidden = false) =>
    program
      .command(usage, { hidden })
      .description(description)
      .exitOverride()
      .action(async (...given: unknown[]) => {
        const self = given.at(-1) as Command;
        for (const one of [program, self]) refuseEmpty(one);
        loadEnvFile(program.opts().envFile ?? null);
        const globals = await globalsOf(program, context.env);
        const { command } = await load();
        const invocation = { context, globals, args: given.slice(0, -2), flags: self.opts(), program };
        done(
          await command(invocation).catch((error) =>
            Promise.reject(withFlagsInHint(error, globals.sameFlags)),
          ),
        );
      });
  makeCommands(make);
  explain(program);
  return program;
}
