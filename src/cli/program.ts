import { Argument, Command, CommanderError, Option } from "commander";
import { fallbackText, isStructure } from "../config/option.ts";
import { RUN_OPTIONS, type RunOptionName } from "../config/run-options.ts";
import { ExitCode, LlmBatchError } from "../domain/errors.ts";
import { VERSION } from "../version.ts";
import { INSTALL_HELP, SHELLS } from "./completion/shells.ts";
import type { CliContext, GlobalOptions, Invocation } from "./context.ts";
import { loadEnvFile } from "./env-file.ts";
import { usageError } from "./errors.ts";
import { explain, OPTION_GROUPS, welcome } from "./help.ts";
import { simulatorFlags } from "./simulator-flags.ts";

const DEFAULT_DB = "./llm-batch.db";

type Handler = (invocation: Invocation) => Promise<ExitCode>;

/** Options that change only how fast or how long, so that `resume` and `retry` may change them. */
const PACE_GROUPS = ["speed", "failure", "bounds", "money", "output", "storage"];
const ALL_NAMES = Object.keys(RUN_OPTIONS) as RunOptionName[];
const PACE_NAMES = ALL_NAMES.filter((name) => PACE_GROUPS.includes(RUN_OPTIONS[name].group));
/** What a worker may have of its own: how it works, and not what is sent or when a run ends. */
const WORK_NAMES = ALL_NAMES.filter((name) => ["speed", "failure"].includes(RUN_OPTIONS[name].group));
const PLAN_GROUPS = ["input", "request", "endpoints", "speed", "money"];
const PLAN_NAMES = ALL_NAMES.filter(
  (name) => PLAN_GROUPS.includes(RUN_OPTIONS[name].group) || name === "maxRequestTokens",
);

const LOG_FILE = ["--log-file <file>", "add the run's events to this file, a line of JSON each"] as const;
const OUTPUT_FORMAT_HELP = RUN_OPTIONS.outputFormat.description;
const DOCTOR_NAMES: readonly RunOptionName[] = ["provider", "baseUrl", "model", "apiKeyEnv"];

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

  const command = (
    usage: string,
    description: string,
    load: () => Promise<{ command: Handler }>,
    hidden = false,
  ): Command =>
    program
      .command(usage, { hidden })
      .description(description)
      .exitOverride()
      .action(async (...given: unknown[]) => {
        const self = given.at(-1) as Command;
        loadEnvFile(program.opts().envFile ?? null);
        const globals = await globalsOf(program, context.env);
        const { command } = await load();
        done(await command({ context, globals, args: given.slice(0, -2), flags: self.opts(), program }));
      });

  runOptions(
    command(
      "run <input...>",
      "import the rows, send them, report; again continues the same run",
      () => import("./commands/run.ts"),
    ),
    ALL_NAMES,
  )
    .option("--new", "start a fresh run instead of continuing")
    .option("--detach", "only import the rows: `llm-batch work` or `resume` sends them")
    .option(...LOG_FILE);
  runOptions(
    command(
      "resume [run]",
      "continue the latest unfinished run, or the one named",
      () => import("./commands/resume.ts"),
    ),
    PACE_NAMES,
  ).option(...LOG_FILE);
  runOptions(
    command(
      "work",
      "join the unfinished runs of a shared database, and wait for more",
      () => import("./commands/work.ts"),
    ),
    WORK_NAMES,
  )
    .option("--exit-when-idle", "end when no run has work left, instead of waiting for the next")
    .option(...LOG_FILE);
  command("status [run]", "counts, rate, ETA, breaker", () => import("./commands/status.ts")).option(
    "--watch",
    "keep showing it until the run ends",
  );
  command("export [run]", "write results to a file, or - for stdout", () => import("./commands/export.ts"))
    .requiredOption("-o, --output <file>", "file to write, or - for stdout")
    .option("--output-format <format>", OUTPUT_FORMAT_HELP)
    .option("--follow", "write rows in input order as they come to be done, until the run has ended")
    .addOption(
      new Option("--status <status>", "which rows").choices(["succeeded", "failed", "all"]).default("all"),
    )
    .addOption(
      new Option("--include <what>", "raw: the provider's whole response with each row").choices(["raw"]),
    )
    .option("--escape-formulas", "csv: make cells that a spreadsheet would run harmless")
    .option("--partial", "export an unfinished run, with each row's status")
    .option("--force", "replace an existing file");
  runOptions(
    command("retry [run]", "put failed rows back and send them", () => import("./commands/retry.ts")),
    PACE_NAMES,
  )
    .option("--code <code>", "only rows that failed with this code")
    .option("--id <id>", "only this row")
    .option("--no-drain", "only put them back, send nothing")
    .option(...LOG_FILE);
  command("cancel [run]", "unfinished rows become cancelled", () => import("./commands/cancel.ts"));
  command("runs", "list the runs of the database", () => import("./commands/runs.ts"));
  command("show <run> <id>", "one row with every attempt", () => import("./commands/show.ts"));
  command("rm <run>", "delete a run and its results", () => import("./commands/rm.ts"));
  command(
    "report [run]",
    "write an HTML report with plots, one file that needs no network",
    () => import("./commands/report.ts"),
  )
    .requiredOption("-o, --output <file>", "file to write, or - for stdout")
    .option("--force", "replace an existing file");
  command(
    "ui [run]",
    "serve the report live on loopback, with every row and retries",
    () => import("./commands/ui.ts"),
  ).option("--port <n>", "port to listen on; 0 takes a free one", "0");
  runOptions(
    command(
      "plan <input...>",
      "rows, tokens, cost and time under the limits; sends nothing, needs no key",
      () => import("./commands/plan.ts"),
    ),
    PLAN_NAMES,
  )
    .option("--latency <dur>", "what a call is taken to last", "5s")
    .option("--answer-tokens <n>", "what an answer is taken to have (default: --max-tokens, else 250)")
    .option("--exact", "count input tokens as the model does, where its tokenizer is known");
  simulatorFlags(
    command(
      "simulate",
      "serve a provider simulator on loopback",
      () => import("./commands/simulate.ts"),
    ).option("--port <n>", "port to listen on; 0 takes a free one", "0"),
  );
  command("breaker", "show; open, close or reset a breaker by hand", () => import("./commands/breaker.ts"))
    .addArgument(new Argument("[action]", "what to do").choices(["show", "open", "close", "reset"]))
    .argument("[endpoint]");
  runOptions(
    command(
      "doctor",
      "check the machine, the settings, the endpoint and the database; changes nothing",
      () => import("./commands/doctor.ts"),
    ),
    DOCTOR_NAMES,
  ).option("--offline", "leave the endpoint alone");
  command("init [dir]", "write an example input and a commented config", () => import("./commands/init.ts"));
  command(
    "completion",
    "print what makes a shell complete commands, flags, run ids and files",
    () => import("./commands/completion.ts"),
  )
    .addArgument(new Argument("<shell>", "which shell").choices(SHELLS))
    .addHelpText("after", `\n${INSTALL_HELP}`);
  command("complete-runs", "run ids for a shell", () => import("./commands/complete-runs.ts"), true);
  explain(program);
  return program;
}

function globalOptions(program: Command): Command {
  return program
    .option(
      "--db <file|url>",
      `the database, a file or postgres://… (default: ${DEFAULT_DB}, env: LLM_BATCH_DB)`,
    )
    .option("--config <file>", "settings file; else llm-batch.yaml where it is there")
    .option("--env-file <file>", "file of environment variables, e.g. with the key")
    .option("--json", "print data, errors and a run's events as JSON")
    .option("-q, --quiet", "no progress and no summary")
    .option("-v, --verbose", "say why each wait and each retry happens")
    .option("--no-color", "no colours")
    .addOption(
      new Option("--progress <how>", "how to show progress")
        .choices(["auto", "bar", "plain", "none"])
        .default("auto"),
    );
}

async function globalsOf(program: Command, env: NodeJS.ProcessEnv): Promise<GlobalOptions> {
  const { db, config, envFile, json, quiet, verbose, color, progress } = program.opts();
  return {
    ...(await databaseOf(db || env.LLM_BATCH_DB || DEFAULT_DB)),
    config: config ?? null,
    envFile: envFile ?? null,
    json: json ?? false,
    quiet: quiet ?? false,
    verbose: verbose ?? false,
    color,
    progress,
  };
}

/** A file, or a server's address, of which what is told is told without the password. */
async function databaseOf(text: string): Promise<Pick<GlobalOptions, "db" | "address">> {
  if (!/^\w+:\/\//.test(text)) return { db: text, address: null };
  const { isAddress, parseAddress } = await import("../store/postgres/address.ts");
  if (isAddress(text)) {
    const address = parseAddress(text);
    return { db: address.shown, address };
  }
  throw new LlmBatchError({
    code: "BAD_OPTION",
    message: "--db: expected the path of a file, or an address that begins with postgres://",
    hint: "name a file on a local disk, e.g. --db ./llm-batch.db, or --db postgres://USER@HOST/DATABASE",
  });
}

/** The flags of a run. Their values stay text: every source of settings is read by the same code. */
function runOptions(command: Command, names: readonly RunOptionName[]): Command {
  for (const name of names) {
    const option = RUN_OPTIONS[name];
    if (isStructure(option)) continue;
    const fallback = fallbackText(option);
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
