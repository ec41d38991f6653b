import { OPENED_BY_HAND } from "../../control/breaker/view.ts";
import { ExitCode } from "../../domain/errors.ts";
import { shellWord } from "../../domain/shell-word.ts";
import type { StopReason } from "../../domain/stop-reason.ts";
import type { SeenEndpoint } from "../../observe/endpoints.ts";
import type { RunStatus } from "../../observe/status.ts";
import { commandLines, withSameFlags } from "../text/command-line.ts";
import { textLines } from "../text/fields.ts";
import { type Line, span } from "../text/line.ts";

/** What to do, and the command that does it; a command that leaves something out stands in the text, in backticks. */
export interface Step {
  what: string;
  command: string | null;
}

/** Names each endpoint, as the database may know others. */
export function closingBreakers(endpoints: readonly SeenEndpoint[]): Step[] {
  return endpoints
    .filter(({ breaker }) => breaker.reason === OPENED_BY_HAND)
    .map(({ endpoint }) => ({
      what: "close the breaker that was opened by hand:",
      command: `llm-batch breaker reset ${shellWord(endpoint)}`,
    }));
}

/**
 * @param end why it stopped, or would stop at once; null where that isn't known, or where it would go on
 * @param isRefused whether its providers refuse to serve it
 */
export function goingOn(status: RunStatus, end: StopReason | null, isRefused: boolean): Step[] {
  return [...mendingSteps(status, end), ...resumeSteps(status.run, end, isRefused), ...otherSteps(end)];
}

/** What has to be done before it can go on. */
function mendingSteps({ breaker }: RunStatus, end: StopReason | null): Step[] {
  if (end?.hint) return [{ what: end.hint, command: null }];
  if (end?.code !== "PROVIDER_UNREACHABLE") return [];
  const url = breaker.at(0)?.endpoint.split(" ")[0] ?? "";
  const place = /^https?:/.test(url) ? ` --base-url ${shellWord(url)}` : "";
  return [{ what: "is the server up, and the network?", command: `llm-batch doctor${place}` }];
}

function resumeSteps(run: string, end: StopReason | null, isRefused: boolean): Step[] {
  const resume = resumeCommand(run, end);
  if (end?.code === "GROUP_BUDGETS") return groupBudgetSteps(resume);
  const what = isRefused ? "when the key or the account is mended, go on:" : "go on:";
  return [{ what, command: resume }];
}

export function resumeCommand(run: string, end: StopReason | null): string {
  return `llm-batch resume ${run}${end?.raise ? ` ${end.raise}` : ""}`;
}

/** A run is what is sent, and to whom. */
function otherSteps(end: StopReason | null): Step[] {
  if (end?.exitCode !== ExitCode.providerUnusable) return [];
  return [{ what: "with another model or address it is another run: `llm-batch run …`", command: null }];
}

/** No flag raises the budget of a group. */
function groupBudgetSteps(resume: string): Step[] {
  return [
    { what: "raise their `budgets` in the config file, then go on:", command: resume },
    { what: "or let their rows fail, to be sent later:", command: `${resume} --over-budget fail` },
  ];
}

/** @param flags that the commands need, with a space before each */
export function stepLines(steps: readonly Step[], flags: string, columns: number | null): Line[] {
  return flagged(steps, flags).flatMap(({ what, command }) => [
    ...textLines([span(`  ${what}`)], columns, "    "),
    ...(command === null ? [] : commandOf(command, columns)),
  ]);
}

/** @param flags that the commands need, with a space before each */
export function flagged(steps: readonly Step[], flags: string): Step[] {
  return steps.map(({ what, command }) => ({
    what: withSameFlags(what, flags),
    command: command === null ? null : command + flags,
  }));
}

function commandOf(command: string, columns: number | null): Line[] {
  const room = columns === null ? null : columns - 5;
  return commandLines(command, room).map((line) => [span(`    ${line}`, "strong")]);
}
