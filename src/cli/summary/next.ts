import { ExitCode } from "../../domain/errors.ts";
import type { RunStatus } from "../../observe/status.ts";
import type { DrainEnd } from "../../scheduler/drain.ts";
import { commandLines, shellWord } from "../text/command-line.ts";
import { textLines } from "../text/fields.ts";
import { type Line, span } from "../text/line.ts";
import { counted } from "../text/numbers.ts";

/** What to do, and the command that does it. */
interface Step {
  what: string;
  command: string | null;
}

interface NextOptions {
  status: RunStatus;
  end: DrainEnd;
  /** The file that was written; null where none was. */
  output: string | null;
  /** The file that was asked for. */
  wanted: string | null;
}

/** Where the results are, and what can be done now. */
export function nextLines(options: NextOptions, columns: number | null): Line[] {
  const steps = options.end ? stepsOn(options, options.end) : stepsAfter(options);
  return steps.flatMap(({ what, command }) => [
    ...textLines([span(`  ${what}`)], columns, "    "),
    ...(command === null ? [] : commandOf(command, columns)),
  ]);
}

function commandOf(command: string, columns: number | null): Line[] {
  const room = columns === null ? null : columns - 5;
  return commandLines(command, room).map((line) => [span(`    ${line}`, "strong")]);
}

function stepsOn(options: NextOptions, end: NonNullable<DrainEnd>): Step[] {
  const { wanted } = options;
  const { run } = options.status;
  const partial = {
    what: `${wanted} was not written; what there is:`,
    command: `llm-batch export ${run} --partial -o ${shellWord(wanted ?? "")}`,
  };
  const raise = end.raise ? ` ${end.raise}` : "";
  return [
    ...(wanted === null || wanted === "-" ? [] : [partial]),
    ...mendingSteps(options.status, end),
    { what: "go on:", command: `llm-batch resume ${run}${raise}` },
    ...otherSteps(end),
  ];
}

/** What has to be done before it can go on. */
function mendingSteps({ breaker }: RunStatus, end: NonNullable<DrainEnd>): Step[] {
  if (end.code === "PROVIDER_REFUSED")
    return [{ what: "when the key or the account is mended:", command: "llm-batch breaker reset" }];
  if (end.code !== "PROVIDER_UNREACHABLE") return [];
  const url = breaker.at(0)?.endpoint.split(" ")[0] ?? "";
  const place = /^https?:/.test(url) ? ` --base-url ${shellWord(url)}` : "";
  return [{ what: "is the server up, and the network?", command: `llm-batch doctor${place}` }];
}

/** A run is what is sent, and to whom. */
function otherSteps(end: NonNullable<DrainEnd>): Step[] {
  if (end.exitCode !== ExitCode.providerUnusable) return [];
  return [{ what: "with another model or address it is another run: llm-batch run …", command: null }];
}

function stepsAfter({ status: { run, jobs }, output }: NextOptions): Step[] {
  const results =
    output === null
      ? { what: "get the results:", command: `llm-batch export ${run} -o results.jsonl` }
      : { what: `results ${output === "-" ? "on stdout" : `in ${output}`}`, command: null };
  const retry = {
    what: `send the ${counted(jobs.failed, "failed row")} again:`,
    command: `llm-batch retry ${run}`,
  };
  return [results, ...(jobs.failed > 0 ? [retry] : [])];
}
