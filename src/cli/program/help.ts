import type { Command } from "commander";
import type { OptionGroup } from "../../config/option.ts";

/** The headings of a run's options, in the order in which they are first needed. */
export const OPTION_GROUPS: Readonly<Record<OptionGroup, string>> = {
  input: "Input: what is read, and how a row becomes a prompt",
  request: "Request: to whom it is sent, and as what",
  endpoints: "Endpoints: several places to send rows to",
  speed: "Speed: the quotas you have; auto learns them",
  failure: "Failure: what happens when calls fail",
  bounds: "Bounds: when to stop before the end, or to wait",
  money: "Money: what calls cost",
  output: "Output: where results go",
  sharing: "Sharing: answers without a call of their own",
  storage: "Storage: how the job table is kept",
};

/** The last heading of the commands, under which `help` stands as well. */
export const MORE = "More:";

/** What the end of a command's help shows: the command lines that most people came for. */
export const EXAMPLES: Readonly<Record<string, readonly (readonly [command: string, what: string])[]>> = {
  "": [
    ["llm-batch init", "an example and a config"],
    ["llm-batch run prompts.jsonl --provider sim", "needs no key, no network"],
    ["llm-batch run prompts.jsonl -m MODEL -o out.jsonl", "key in OPENAI_API_KEY"],
    ["llm-batch status --watch", "in another terminal"],
    ["llm-batch resume", "after a stop or a crash"],
  ],
  run: [
    ["llm-batch run prompts.jsonl -m gpt-4.1-mini -o results.jsonl", "the key in OPENAI_API_KEY"],
    ["llm-batch run prompts.jsonl --provider sim", "a rehearsal without a key"],
    ["llm-batch run rows.csv --template 'Sum up: {{text}}' -m my-model -o out.csv", "a spreadsheet"],
    ["llm-batch run prompts.jsonl --base-url http://localhost:8000/v1 -m my-model", "a server of your own"],
    ["llm-batch run prompts.jsonl -m gpt-4.1-mini --rpm 500 --tpm 200_000", "told its limits"],
    ["llm-batch run prompts.jsonl -m gpt-4.1-mini --max-cost 5", "stops at five dollars"],
  ],
  resume: [
    ["llm-batch resume", "the latest unfinished run"],
    ["llm-batch resume -c 8 --rpm 300", "more gently"],
  ],
  status: [
    ["llm-batch status", "the latest run"],
    ["llm-batch status --watch", "until it ends"],
    ["llm-batch status --json", "for programs"],
  ],
  export: [
    ["llm-batch export -o results.jsonl", "the latest run"],
    ["llm-batch export -o results.csv --partial", "what there is of an unfinished run"],
    ["llm-batch export -o failed.jsonl --status failed", "only what failed, and why"],
    ["llm-batch export -o - --follow", "each row as it comes to be done"],
  ],
  retry: [
    ["llm-batch retry", "every failed row of the latest run"],
    ["llm-batch retry --code server_error", "those that failed with a code"],
    ["llm-batch retry --id q-17", "one row"],
    ["llm-batch retry --no-drain", "puts them back, for resume to send"],
  ],
  report: [["llm-batch report -o report.html", "the latest run"]],
  plan: [
    ["llm-batch plan prompts.jsonl -m gpt-4.1-mini", "tokens and cost"],
    ["llm-batch plan prompts.jsonl -m gpt-4.1-mini --rpm 500 --tpm 200_000", "and time under your limits"],
    ["llm-batch plan prompts.jsonl -m gpt-4.1-mini --max-tokens 200", "and the most it can cost"],
  ],
  show: [["llm-batch show r_k3v9x2ma q-17", "the ids are in `llm-batch runs` and in the results"]],
  simulate: [
    ["llm-batch simulate --rpm 600 --latency 2s", "a rate limit"],
    ["llm-batch simulate --outage 30s-90s --faults 5%", "an outage, and calls that fail"],
  ],
  breaker: [
    ["llm-batch breaker", "who is called, and whose breaker is open"],
    ["llm-batch breaker reset", "after a key, an account or a quota was mended"],
  ],
  doctor: [["llm-batch doctor --provider openai", "checks the key and the endpoint too"]],
};

/** What the arguments of commands are; one that may be left out has `?` after its name. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  input: "files, which together make one run; - is standard input",
  run: "its id, as `llm-batch runs` lists it",
  "run?": "its id, as `llm-batch runs` lists it; the latest where none is named",
  id: "the row's id, as its result has it",
  "endpoint?": "its name, or a part that no other has; not needed where there is one alone",
  "dir?": "the folder, made where it isn't there; the current one where none is named",
};

/** A line that is wider is left to wrap: its explanation comes below it. */
const MOST_COLUMNS = 80;

/** Below the settings of a command that goes on with a run. */
export const AS_STARTED = "\nA setting that isn't given here stays as the run was started with.";

const GLOBAL_FLAGS = `
Every command takes --db, --config, --env-file, --json, -q, -v, --no-color and
--progress: see \`llm-batch --help\`.`;

/** Says what arguments are, and ends the help of each command with examples. */
export function explain(program: Command): void {
  for (const command of program.commands) {
    for (const argument of command.registeredArguments)
      argument.description ||= ARGUMENTS[`${argument.name()}${argument.required ? "" : "?"}`] ?? "";
    command.addHelpText("after", `${examplesOf(command.name())}${GLOBAL_FLAGS}`);
  }
  const help = program.createCommand("help").argument("[command]").helpOption(false);
  program.addHelpCommand(help.description("show help of a command").helpGroup(MORE));
  program.addHelpText("after", examplesOf(""));
}

/** What is shown where no command is given. */
export function welcome(program: Command): string {
  return `${program.helpInformation()}${examplesOf("")}`;
}

function examplesOf(name: string): string {
  const examples = EXAMPLES[name];
  if (!examples) return "";
  const width = Math.max(...examples.map(([command]) => command.length));
  const isNarrow = examples.some(
    ([command, what]) => Math.max(width, command.length) + what.length + 4 > MOST_COLUMNS,
  );
  const lines = examples.map(([command, what]) =>
    isNarrow ? `  # ${what}\n  ${command}` : `  ${command.padEnd(width)}  ${what}`,
  );
  return `\n${name === "" ? "Start here" : "Examples"}:\n${lines.join("\n")}\n`;
}
