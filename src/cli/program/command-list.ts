import { Argument, type Command, Option } from "commander";
import { RUN_OPTIONS } from "../../config/run-options.ts";
import type { ExitCode } from "../../domain/errors.ts";
import { INSTALL_HELP, SHELLS } from "../completion/shells.ts";
import type { Invocation } from "../context.ts";
import { MORE } from "./help.ts";
import {
  ALL_NAMES,
  allFlags,
  DOCTOR_NAMES,
  PACE_NAMES,
  PLAN_NAMES,
  runFlags,
  storedFlags,
  WORK_NAMES,
} from "./run-flags.ts";
import { simulatorFlags } from "./simulator-flags.ts";

/** Makes a command, whose module is loaded when it is called. */
export type MakeCommand = (
  usage: string,
  description: string,
  load: () => Promise<{ command: (invocation: Invocation) => Promise<ExitCode> }>,
  hidden?: boolean,
) => Command;

const LOG_FILE = ["--log-file <file>", "add the run's events to this file, a line of JSON each"] as const;
const PORT = ["--port <n>", "port to listen on; 0 takes a free one", "0"] as const;

/** Every command with its flags, in the order of the help. */
export function makeCommands(command: MakeCommand): void {
  const under =
    (heading: string): MakeCommand =>
    (...given) =>
      command(...given).helpGroup(heading);
  makeWork(under("Work:"));
  makeLook(under("Look:"));
  makeResults(under("Results:"));
  makeMore(under(MORE));
}

/** Commands that send rows, or stop them from being sent. */
function makeWork(command: MakeCommand): void {
  runFlags(
    command(
      "run <input...>",
      "import the rows, send them, report; again continues the same run",
      () => import("../commands/run.ts"),
    ),
    ALL_NAMES,
  )
    .option("--new", "start a fresh run instead of continuing")
    .option("--detach", "only import the rows: `llm-batch work` or `resume` sends them")
    .option(...LOG_FILE);
  storedFlags(
    command(
      "resume [run]",
      "continue the latest unfinished run, or the one named",
      () => import("../commands/resume.ts"),
    ),
    PACE_NAMES,
  ).option(...LOG_FILE);
  storedFlags(
    command(
      "work",
      "join the unfinished runs of a shared database, and wait for more",
      () => import("../commands/work.ts"),
    ),
    WORK_NAMES,
  )
    .option("--exit-when-idle", "end when no run has work left, instead of waiting for the next")
    .option(...LOG_FILE);
  storedFlags(
    command("retry [run]", "put failed rows back and send them", () => import("../commands/retry.ts")),
    PACE_NAMES,
  )
    .option("--code <code>", "only rows that failed with this code")
    .option("--id <id>", "only this row")
    .option("--no-drain", "only put them back, send nothing")
    .option(...LOG_FILE);
  command("cancel [run]", "unfinished rows become cancelled", () => import("../commands/cancel.ts"));
}

/** Commands that show something. */
function makeLook(command: MakeCommand): void {
  command("status [run]", "counts, rate, ETA, breaker", () => import("../commands/status.ts")).option(
    "--watch",
    "keep showing it until the run ends",
  );
  command("runs", "list the runs of the database", () => import("../commands/runs.ts"));
  command("show <run> <id>", "one row with every attempt", () => import("../commands/show.ts"));
  command(
    "ui [run]",
    "serve the report live on loopback, with every row and retries",
    () => import("../commands/ui.ts"),
  ).option(...PORT);
  allFlags(
    command(
      "plan <input...>",
      "rows, tokens, cost and time under the limits; sends nothing, needs no key",
      () => import("../commands/plan.ts"),
    ),
    PLAN_NAMES,
  )
    .option("--latency <dur>", "what a call is taken to last", "5s")
    .option("--answer-tokens <n>", "what an answer is taken to have (default: --max-tokens, else 250)")
    .option("--preview <n>", "show the first n requests too, as they would be sent")
    .option("--exact", "count input tokens as the model does, where its tokenizer is known");
  runFlags(
    command(
      "doctor",
      "check the machine, the settings, the endpoint and the database; changes nothing",
      () => import("../commands/doctor.ts"),
    ),
    DOCTOR_NAMES,
  ).option("--offline", "leave the endpoint alone");
}

/** Commands that write files. */
function makeResults(command: MakeCommand): void {
  command("export [run]", "write results to a file, or - for stdout", () => import("../commands/export.ts"))
    .requiredOption("-o, --output <file>", "file to write, or - for stdout")
    .option("--output-format <format>", RUN_OPTIONS.outputFormat.description)
    .option("--follow", "write rows in input order as they come to be done, until the run has ended")
    .addOption(
      new Option("--status <status>", "which rows").choices(["succeeded", "failed", "all"]).default("all"),
    )
    .addOption(
      new Option("--include <what>", "raw: the provider's whole response with each row").choices(["raw"]),
    )
    .option("--escape-formulas", "csv, tsv: make cells that a spreadsheet would run harmless")
    .option("--answer-columns", "csv, tsv: a column for each field of the answers, by their --json-schema")
    .option("--column-prefix <text>", "csv, tsv: what the results' columns begin with (default: llm_)")
    .option("--partial", "export an unfinished run, with each row's status")
    .option("--force", "replace an existing file");
  command(
    "report [run]",
    "write an HTML report with plots, one file that needs no network",
    () => import("../commands/report.ts"),
  )
    .requiredOption("-o, --output <file>", "file to write, or - for stdout")
    .option("--force", "replace an existing file");
}

function makeMore(command: MakeCommand): void {
  command("rm <run>", "delete a run and its results", () => import("../commands/rm.ts"));
  simulatorFlags(
    command(
      "simulate",
      "serve a provider simulator on loopback",
      () => import("../commands/simulate.ts"),
    ).option(...PORT),
  );
  command("breaker", "show; open, close or reset a breaker by hand", () => import("../commands/breaker.ts"))
    .addArgument(new Argument("[action]", "what to do").choices(["show", "open", "close", "reset"]))
    .argument("[endpoint]");
  command("init [dir]", "write an example input and a commented config", () => import("../commands/init.ts"));
  command(
    "completion",
    "print what makes a shell complete commands, flags, run ids and files",
    () => import("../commands/completion.ts"),
  )
    .addArgument(new Argument("<shell>", "which shell").choices(SHELLS))
    .addHelpText("after", `\n${INSTALL_HELP}`);
  command("complete-runs", "run ids for a shell", () => import("../commands/complete-runs.ts"), true);
}
